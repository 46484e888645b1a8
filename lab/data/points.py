"""The data of the diffusion models: points drawn from the square (exercise 2.2), or your own."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from lab.core.params import PARAMS
from lab.data.own_points import fit, read_points
from lookingglass.diffusion.truth import SQUARE
from lookingglass.errors import InputError


@dataclass(frozen=True)
class Points:
    """Points in [-1, 1]^2; in the unit of the file they are centre + scale * points."""

    points: Tensor  # (n, 2), float32
    square: bool  # drawn from the square, whose distribution is known
    centre: tuple[float, float] = (0.0, 0.0)
    scale: float = 1.0


def load_points(file: str, count: int, seed: int) -> Points:
    """`count` points drawn from the square that a .toml describes, or all points of another file.

    Raises InputError if the file cannot be read or has no such content.
    """
    if file.endswith(".toml"):
        check_square(file)
        return Points(SQUARE.sample(count, torch.Generator().manual_seed(seed)), square=True)
    points, (x, y), scale = fit(read_points(file))
    return Points(torch.from_numpy(points), False, (float(x), float(y)), scale)


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
