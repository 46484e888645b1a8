"""The data: points drawn uniformly in the square (exercise 2.2)."""

from typing import Annotated

import torch
from pydantic import Field

from lookingglass.artifacts import write_arrays
from lookingglass.diffusion.truth import SQUARE
from lookingglass.params import Section, Seed, load
from stages.entry import run


class Params(Section):
    count: Annotated[int, Field(ge=1, le=1_000_000)]
    seed: Seed


def main() -> None:
    params = load("points", Params)
    generator = torch.Generator().manual_seed(params.seed)
    points = SQUARE.sample(params.count, generator)
    write_arrays("data/points.npz", points=points.numpy())
    print(f"{params.count} points in the square -> data/points.npz")


if __name__ == "__main__":
    run(main)
