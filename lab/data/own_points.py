"""Your own points: read them from a file, and fit them into the square."""

import csv
import math
from pathlib import Path

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from lab.core.params import PARAMS
from lookingglass.errors import InputError

# fewer teach a network nothing, and the exact denoiser of more needs gigabytes of memory
FEWEST, MOST = 100, 30_000


def read_points(path: str) -> NDArray[np.float64]:
    """Read points, (n, 2), from a .csv with two columns or a .npy with such an array.

    Raises InputError, which names the line if it can, for any other file.
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
    """Read a .csv with two columns, with or without a header. Raises InputError."""
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
        reader = csv.reader(text.splitlines(), strict=True)
        rows = [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not UTF-8 text (byte {error.start})") from error
    except csv.Error as error:
        raise InputError(f"{path}: line {reader.line_num}: {error}") from error
    if rows and not any(is_number(cell) for cell in rows[0][1]):
        del rows[0]  # the header
    points = []
    for line, row in rows:
        if len(row) != 2 or not all(is_number(cell) and math.isfinite(float(cell)) for cell in row):
            shown = ",".join(row)
            shown = shown if len(shown) <= 40 else f"{shown[:37]}..."
            raise InputError(f"{path}: line {line}: {shown!r}: must be two finite numbers, x,y")
        points.append([float(cell) for cell in row])
    return np.array(points).reshape(-1, 2)


def is_number(text: str) -> bool:
    """Whether the text is a number, and not only in Python, which also reads 1_000 as one."""
    try:
        float(text)
    except ValueError:
        return False
    return "_" not in text


def read_npy(path: str) -> NDArray[np.float64]:
    """Read the array in a .npy. Raises InputError unless it has real, finite numbers, (n, 2)."""
    try:
        with Path(path).open("rb") as file:
            # not np.load, which would also open an archive; a pickle could run any code
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
    """Centre and scale the points, both axes alike, so that they just fit into [-1, 1]^2.

    The noise levels and classes then suit points of any location and unit. Returns the fitted
    points x, the centre and the scale; the original points are centre + scale * x.
    """
    centre = points.min(axis=0) / 2 + points.max(axis=0) / 2  # halved first: the sum could overflow
    scale = half_side(points)
    fitted = (points - centre) / scale
    return fitted.clip(-1, 1).astype(np.float32), centre, scale


def half_side(points: NDArray[np.float64]) -> float:
    """Half the longer side of the points' bounding box."""
    return float((points.max(axis=0) / 2 - points.min(axis=0) / 2).max())
