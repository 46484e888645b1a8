"""Points of the user's own: reading them from a file, and fitting them into the square."""

import csv
import math
from pathlib import Path

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from lab.core.params import PARAMS
from lookingglass.errors import InputError

# a network learns nothing from fewer, and the exact denoiser of more takes gigabytes
FEWEST, MOST = 100, 30_000


def read_points(path: str) -> NDArray[np.float64]:
    """The (n, 2) points of a .csv with two columns, or of a .npy with such an array.

    Raises InputError for what is no such file, with the line where there is one.
    """
    kinds = {".csv": read_csv, ".npy": read_npy}
    kind = kinds.get(Path(path).suffix.lower())
    if kind is None:
        raise InputError(
            f"{PARAMS}: points.file = {path!r}: must be lab/data/square.toml, or a .csv "
            "or .npy with points of your own"
        )
    try:
        points = kind(path)
    except OSError as error:
        reason = error.strerror or "cannot be read"
        raise InputError(f"{PARAMS}: points.file = {path!r}: {reason}") from error
    if not FEWEST <= len(points) <= MOST:
        raise InputError(f"{path}: {len(points)} points; must be {FEWEST} to {MOST:,}")
    if not half_side(points):
        raise InputError(f"{path}: all points are the same; must be at least two places")
    return points


def read_csv(path: str) -> NDArray[np.float64]:
    """The two columns of a .csv, with or without their names. Raises InputError."""
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
        reader = csv.reader(text.splitlines(), strict=True)
        rows = [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not UTF-8 text (byte {error.start})") from error
    except csv.Error as error:
        raise InputError(f"{path}: line {reader.line_num}: {error}") from error
    if rows and not any(is_number(cell) for cell in rows[0][1]):
        del rows[0]  # the columns' names
    points = []
    for line, row in rows:
        if len(row) != 2 or not all(is_number(cell) and math.isfinite(float(cell)) for cell in row):
            shown = ",".join(row)
            shown = shown if len(shown) <= 40 else f"{shown[:37]}..."
            raise InputError(f"{path}: line {line}: {shown!r}: must be two finite numbers, x,y")
        points.append([float(cell) for cell in row])
    return np.array(points).reshape(-1, 2)


def is_number(text: str) -> bool:
    """Whether it is a number to others, too; only Python reads 1_000 as one."""
    try:
        float(text)
    except ValueError:
        return False
    return "_" not in text


def read_npy(path: str) -> NDArray[np.float64]:
    """The array of a .npy. Raises InputError unless it holds numbers."""
    try:
        with Path(path).open("rb") as file:
            # np.load would also open an archive of arrays; a pickle can run any code
            points = npy.read_array(file, allow_pickle=False)
    except (ValueError, EOFError, MemoryError) as error:
        raise InputError(f"{path}: not an .npy file of numbers, or damaged") from error
    if points.ndim != 2 or points.shape[1] != 2 or points.dtype.kind not in "iuf":
        found = f"{points.dtype} of shape {points.shape}"
        raise InputError(f"{path}: {found}; must be real numbers of shape (n, 2)")
    points = points.astype(np.float64)
    if bad := np.flatnonzero(~np.isfinite(points).all(axis=1)).tolist():
        raise InputError(f"{path}: point {bad[0]}: {points[bad[0]]}: must be finite")
    return points


def fit(
    points: NDArray[np.float64],
) -> tuple[NDArray[np.float32], NDArray[np.float64], float]:
    """Centred and scaled, both axes alike, so that they just fit into the square [-1, 1]^2.

    Noise levels and classes then suit points of any origin and unit. Gives the points, and the
    centre and the scale that bring them back: centre + scale * x.
    """
    centre = points.min(axis=0) / 2 + points.max(axis=0) / 2  # halves first: a sum might overflow
    scale = half_side(points)
    fitted = (points - centre) / scale
    return fitted.clip(-1, 1).astype(np.float32), centre, scale


def half_side(points: NDArray[np.float64]) -> float:
    """Half the longer side of the box around the points."""
    return float((points.max(axis=0) / 2 - points.min(axis=0) / 2).max())
