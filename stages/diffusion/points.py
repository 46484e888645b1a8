"""The data: points drawn uniformly in the square (exercise 2.2), or your own points."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import torch
from pydantic import Field
from torch import Tensor

from lab.core.artifacts import write_arrays
from lab.core.entry import run
from lab.core.params import PARAMS, Section, Seed, load
from lab.data.own_points import fit, read_points
from lookingglass.diffusion.truth import SQUARE
from lookingglass.errors import InputError


class Params(Section):
    file: Annotated[str, Field(min_length=1)]
    count: Annotated[int, Field(ge=1, le=1_000_000)]
    seed: Seed

    @property
    def of_square(self) -> bool:
        """Whether the file describes the square, rather than holding points."""
        return self.file.endswith(".toml")


@dataclass(frozen=True)
class Data:
    """Points in the square [-1, 1]^2; centre + scale * points are the original ones."""

    points: Tensor  # (n, 2), float32
    centre: tuple[float, float] = (0.0, 0.0)
    scale: float = 1.0


def check_square(path: str) -> None:
    """Raise InputError unless the file describes SQUARE, the one whose exact truth is used."""
    try:
        given = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"{PARAMS}: points.file = {path!r}: {error.strerror}") from error
    except ValueError as error:  # not UTF-8, or not TOML
        raise InputError(f"{path}: not TOML") from error
    square = {"low": list(SQUARE.low), "high": list(SQUARE.high)}
    if given != square:
        words = ", ".join(f"{key} = {value}" for key, value in square.items())
        raise InputError(f"{path}: must be {words}; other points come from a .csv or a .npy")


def prepare(params: Params) -> Data:
    """Draw or read the points that the parameters ask for. Raises InputError if it cannot."""
    if params.of_square:
        check_square(params.file)
        generator = torch.Generator().manual_seed(params.seed)
        return Data(SQUARE.sample(params.count, generator))
    points, (x, y), scale = fit(read_points(params.file))
    return Data(torch.from_numpy(points), (float(x), float(y)), scale)


def main() -> None:
    params = load("points", Params)
    data = prepare(params)
    write_arrays("data/points.npz", points=data.points.numpy())
    write_arrays("data/origin.npz", square=params.of_square, centre=data.centre, scale=data.scale)
    n, (x, y) = len(data.points), data.centre
    if params.of_square:
        print(f"{n} points in the square -> data/points.npz")
    else:
        print(
            f"{params.file}: {n} points, minus ({x:.6g}, {y:.6g}), divided by {data.scale:.6g} "
            "-> data/points.npz"
        )


if __name__ == "__main__":
    run(main)
