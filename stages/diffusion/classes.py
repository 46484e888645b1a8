"""The classes: which rectangle each data point lies in (exercise 2.2.2, conditional).

All conditional stages read the section `classes`, with load_regions.
"""

from typing import Annotated

import torch
from pydantic import Field, field_validator

from lab.core.artifacts import read_arrays, write_arrays
from lab.core.entry import run
from lab.core.params import Section, load
from lookingglass.diffusion.regions import check_partition, classify
from lookingglass.diffusion.truth import SQUARE, UniformBox
from lookingglass.errors import InputError

Corners = Annotated[list[float], Field(min_length=4, max_length=4)]


class Params(Section):
    # the figures have seven colours
    regions: Annotated[list[Corners], Field(min_length=2, max_length=7)]

    @field_validator("regions")
    @classmethod
    def fill_the_square(cls, regions: list[Corners]) -> list[Corners]:
        """Refuse regions that overlap, leave a gap or stick out."""
        try:
            check_partition([to_region(corners) for corners in regions], SQUARE)
        except ValueError as error:
            raise ValueError(f"rectangles that tile the square [-1, 1]^2: {error}") from error
        return regions


def to_region(corners: Corners) -> UniformBox:
    left, bottom, right, top = corners
    return UniformBox((left, bottom), (right, top))


def load_regions() -> list[UniformBox]:
    return [to_region(corners) for corners in load("classes", Params).regions]


def main() -> None:
    regions = load_regions()
    points = torch.from_numpy(read_arrays("data/points.npz")["points"])
    labels = classify(points, regions)
    if strays := int((labels < 0).sum()):
        raise InputError(f"data/points.npz: {strays} points lie in none of classes.regions")
    corners = [[*region.low, *region.high] for region in regions]
    write_arrays("data/classes.npz", labels=labels.numpy(), regions=corners)
    counts = torch.bincount(labels, minlength=len(regions)).tolist()
    print(f"points in each class: {', '.join(map(str, counts))} -> data/classes.npz")


if __name__ == "__main__":
    run(main)
