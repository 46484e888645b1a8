"""Read and write the pipeline's files.

A file is written completely or not at all, and the same content gives the same bytes. A file that
cannot be read raises an InputError that says which one and what to do.
"""

import csv
import io
import json
import os
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib.npyio import NpzFile
from numpy.typing import ArrayLike, NDArray

from lookingglass.errors import InputError

# what zipfile and numpy raise for a damaged file, depending on the byte
_DAMAGED_ZIP = (
    OSError,
    ValueError,
    EOFError,
    KeyError,
    RuntimeError,
    MemoryError,
    SyntaxError,
    zipfile.BadZipFile,
    zlib.error,
)


class Contents(dict[str, Any]):
    """A file's contents by name; a missing name is an InputError."""

    def __init__(self, path: str | Path, items: Mapping[str, Any]) -> None:
        super().__init__(items)
        self.path = path

    def __missing__(self, name: str) -> Any:
        raise InputError(f"{self.path}: has no {name}; delete it, then 'dvc repro' makes it again")


def write_bytes(path: str | Path, data: bytes) -> None:
    """Write to a temporary file next to `path`, then move it there in one step.

    Raises InputError if it cannot be written, as on a full disk; what was there before stays.
    """
    path = Path(path)
    # a fixed name: the leftovers of a killed run are overwritten by the next
    temporary = path.with_name(f".{path.name}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        raise InputError(f"{path}: cannot be written: {error.strerror}") from error
    finally:
        temporary.unlink(missing_ok=True)


def write_with_twin(path: str | Path, data: bytes) -> None:
    """Write a file that git keeps, and the same bytes under cached/, which DVC keeps.

    DVC does not push an output with `cache: false`, but finds its bytes in the cache by their hash.
    So whoever pulls the twin, after a colleague tried other parameters, gets both without a run.
    """
    write_bytes(Path("cached", path), data)
    write_bytes(path, data)


def read_bytes(path: str | Path) -> bytes:
    """The bytes of a file made by the pipeline. Raises InputError if it is missing."""
    try:
        return Path(path).read_bytes()
    except FileNotFoundError as error:
        raise InputError(f"{path}: not there; 'dvc repro' makes it") from error
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from error


def write_arrays(path: str | Path, **arrays: ArrayLike) -> None:
    """Write named arrays as .npz, in C order.

    np.savez would not do: its zip headers differ between versions of Python and systems.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, array in arrays.items():
            member = io.BytesIO()
            np.save(member, np.asarray(array, order="C"), allow_pickle=False)
            archive.writestr(zip_entry(f"{name}.npy"), member.getvalue())
    write_bytes(path, buffer.getvalue())


def zip_entry(name: str) -> zipfile.ZipInfo:
    """A zip entry without a date, the same on every system."""
    entry = zipfile.ZipInfo(name)  # dated 1980 by default
    entry.create_system, entry.external_attr = 3, 0o644 << 16  # as on Unix
    return entry


def read_arrays(path: str | Path) -> dict[str, NDArray[Any]]:
    """The named arrays of an .npz file. Raises InputError if it is missing or damaged."""
    try:
        # np.load would also accept a single array or a pickle, and leaves a damaged file open
        with Path(path).open("rb") as file, NpzFile(file, allow_pickle=False) as archive:
            return Contents(path, dict(archive))
    except FileNotFoundError as error:
        raise InputError(f"{path}: not there; 'dvc repro' makes it") from error
    except _DAMAGED_ZIP as error:
        raise InputError(f"{path}: damaged; delete it, then 'dvc repro' makes it again") from error


def write_table(path: str | Path, header: Iterable[str], rows: Iterable[Iterable[Any]]) -> None:
    """Write a .csv, with real numbers rounded to six significant digits."""
    text = io.StringIO(newline="")
    table = csv.writer(text, lineterminator="\n")
    table.writerow(header)
    for row in rows:
        table.writerow([f"{cell:.6g}" if isinstance(cell, float) else cell for cell in row])
    write_bytes(path, text.getvalue().encode())


def write_metrics(path: str | Path, metrics: Mapping[str, float | int | str]) -> None:
    """Write flat .json; see `metrics_json`."""
    write_bytes(path, metrics_json(metrics))


def metrics_json(metrics: Mapping[str, float | int | str]) -> bytes:
    """Flat JSON, with real numbers rounded to six significant digits.

    Raises ValueError for NaN and infinity, which cannot be compared.
    """
    rounded = {
        key: float(f"{value:.6g}") if isinstance(value, float) else value
        for key, value in metrics.items()
    }
    return (json.dumps(rounded, indent=2, allow_nan=False) + "\n").encode()


def read_metrics(path: str | Path) -> dict[str, Any]:
    """The numbers of a metrics file. Raises InputError if it is missing or damaged."""
    try:
        metrics = json.loads(Path(path).read_text(encoding="utf-8"))
        return Contents(path, dict(metrics))
    except FileNotFoundError as error:
        raise InputError(f"{path}: not there; 'dvc repro' makes it") from error
    except (OSError, ValueError, TypeError, RecursionError) as error:
        raise InputError(f"{path}: damaged; delete it, then 'dvc repro' makes it again") from error
