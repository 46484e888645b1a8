"""Whether the data are of the exercise's square, or points of the user's own (`points.file`).

This module needs no torch, so that figures can ask, too.
"""

from lab.core.artifacts import read_arrays


def of_square() -> bool:
    """Whether the points were drawn in the square, whose truth is known."""
    return bool(read_arrays("data/origin.npz")["square"])


def say_left_out(what: str) -> None:
    """Say which measures need the square, and are not there without it."""
    print(f"{what}: left out, the points are not of the square")
