"""The data: points drawn from the square (exercise 2.2), or your own."""

from typing import Annotated

from pydantic import Field

from lab.core.artifacts import write_arrays
from lab.core.entry import run
from lab.core.params import Section, Seed, load
from lab.data.points import load_points


class Params(Section):
    file: Annotated[str, Field(min_length=1)]
    count: Annotated[int, Field(ge=1, le=1_000_000)]
    seed: Seed


def main() -> None:
    params = load("points", Params)
    data = load_points(params.file, params.count, params.seed)
    write_arrays("data/points.npz", points=data.points.numpy())
    write_arrays("data/origin.npz", square=data.square, centre=data.centre, scale=data.scale)
    n, (x, y) = len(data.points), data.centre
    if data.square:
        print(f"{n} points in the square -> data/points.npz")
    else:
        print(
            f"{params.file}: {n} points, minus ({x:.6g}, {y:.6g}), divided by {data.scale:.6g} "
            "-> data/points.npz"
        )


if __name__ == "__main__":
    run(main)
