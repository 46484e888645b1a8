"""Read and write the pipeline's files.

A file is written completely or not at all, and the same content gives the same bytes. A file that
cannot be read raises an InputError that says which one and what to do.
"""

import csv
import hashlib
import io
import json
import os
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

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


@contextmanager
def atomically(path: str | Path) -> Iterator[BinaryIO]:
    """A file to write and read, next to `path`, that is moved there in one step at the end.

    Raises InputError if it cannot be written, as on a full disk; what was there before stays.
    """
    path = Path(path)
    # a fixed name: the leftovers of a killed run are overwritten by the next
    temporary = path.with_name(f".{path.name}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("w+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        raise InputError(f"{path}: cannot be written: {error.strerror}") from error
    finally:
        temporary.unlink(missing_ok=True)


def write_bytes(path: str | Path, data: bytes) -> None:
    """Write a file completely or not at all. Raises InputError if it cannot be written."""
    with atomically(path) as file:
        file.write(data)


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


def digest(path: str | Path) -> bytes:
    """The SHA-256 hash of a file. Raises InputError if it is missing."""
    try:
        with Path(path).open("rb") as file:
            return hashlib.file_digest(file, "sha256").digest()
    except FileNotFoundError as error:
        raise InputError(f"{path}: not there; 'dvc repro' makes it") from error


def write_arrays(path: str | Path, **arrays: ArrayLike) -> None:
    """Write named arrays as .npz, in C order.

    np.savez would not do: its zip headers differ between versions of Python and systems.
    """
    with atomically(path) as file, zipfile.ZipFile(file, "w") as archive:
        for name, array in arrays.items():
            with archive.open(zip_entry(f"{name}.npy"), "w") as member:
                np.save(member, np.asarray(array, order="C"), allow_pickle=False)


def zip_entry(name: str) -> zipfile.ZipInfo:
    """A zip entry without a date, the same on every system."""
    entry = zipfile.ZipInfo(name)  # dated 1980 by default
    entry.create_system, entry.external_attr = 3, 0o644 << 16  # as on Unix
    return entry


def read_arrays(path: str | Path) -> dict[str, NDArray[Any]]:
    """The named arrays of an .npz file. Raises InputError if it is missing or damaged."""
    # np.load would also accept a single array or a pickle, and leaves a damaged file open
    with _opened(path) as file, NpzFile(file, allow_pickle=False) as archive:
        return Contents(path, dict(archive))


def map_arrays(path: str | Path) -> dict[str, NDArray[Any]]:
    """The same, of a file of `write_arrays`, left on disk: only what is looked at is read.

    What is written to these arrays is not written to the file.
    """
    with _opened(path) as file, zipfile.ZipFile(file) as archive:
        if damaged := archive.testzip():
            raise zipfile.BadZipFile(damaged)
        arrays = {entry.filename: _mapped(file, entry) for entry in archive.infolist()}
        return Contents(path, {name.removesuffix(".npy"): a for name, a in arrays.items()})


def _mapped(file: BinaryIO, entry: zipfile.ZipInfo) -> NDArray[Any]:
    file.seek(entry.header_offset + 26)  # to the lengths of what is still before the data
    before = [int.from_bytes(file.read(2), "little") for _ in ("the name", "extra fields")]
    file.seek(sum(before), os.SEEK_CUR)
    np.lib.format.read_magic(file)
    shape, _, dtype = np.lib.format.read_array_header_1_0(file)
    return np.memmap(file, dtype, "c", file.tell(), shape)


@contextmanager
def _opened(path: str | Path) -> Iterator[BinaryIO]:
    """A zip file to read; what is raised if that fails becomes an InputError."""
    try:
        with Path(path).open("rb") as file:
            yield file
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
