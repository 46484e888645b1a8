"""Where the points come from: the exercise's square, or a file of your own (`points.file`).

This module does not import torch, so that figures can use it.
"""

from lab.core.artifacts import read_arrays


def of_square() -> bool:
    """Whether the points were drawn from the square, whose distribution is known."""
    return bool(read_arrays("data/origin.npz")["square"])


def say_left_out(what: str) -> None:
    """Print which results are left out because they need the square."""
    print(f"{what}: left out, the points are not of the square")
