"""What both examples share: the command line, the parameters and the trained weights."""

import argparse
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from lab.core.params import read
from lab.core.yaml12 import read_yaml
from lookingglass.errors import InputError

M = TypeVar("M")

PICTURES = (".png", ".svg", ".pdf")


def plain_parser(description: str | None) -> argparse.ArgumentParser:
    """A command line that answers a bad value with one line, without argparse's usage text."""
    parser = argparse.ArgumentParser(
        description=description,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.error = lambda message: parser.exit(2, f"{parser.prog}: {message}\n")  # type: ignore[method-assign]
    return parser


def new_parser(description: str | None) -> argparse.ArgumentParser:
    """The command line of an example, with the options that both have."""
    parser = plain_parser(description)
    parser.add_argument("--train", action="store_true", help="train from scratch first")
    parser.add_argument(
        "--seed", type=whole_number(0, 2**63 - 1), default=0, help="of all random draws (0)"
    )
    return parser


def whole_number(least: int, most: int) -> Callable[[str], int]:
    """A parser of whole numbers from least to most, for argparse."""

    def parse(text: str) -> int:
        if not (text.isdecimal() and least <= int(text) <= most):
            raise argparse.ArgumentTypeError(f"{text!r}: must be from {least} to {most}")
        return int(text)

    return parse


def number(least: float, most: float) -> Callable[[str], float]:
    """A parser of numbers from least to most, for argparse."""

    def parse(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = float("nan")
        if not least <= value <= most:
            raise argparse.ArgumentTypeError(f"{text!r}: must be a number from {least} to {most}")
        return value

    return parse


def some_text(text: str) -> str:
    """A parser of texts that are not empty, for argparse."""
    if not text:
        raise argparse.ArgumentTypeError("must not be empty")
    return text


def picture(text: str) -> Path:
    """A parser of file names for pictures, for argparse: bad ones are refused before the work."""
    path = Path(text).absolute()
    if path.suffix.lower() not in PICTURES:
        raise argparse.ArgumentTypeError(f"{text!r}: must end in {', '.join(PICTURES)}")
    if not path.parent.is_dir():
        raise argparse.ArgumentTypeError(f"{text!r}: there is no folder {path.parent}")
    return path


def checked_params() -> dict[str, Any]:
    """The sections of params.yaml. Raises InputError if one of the stages would refuse them."""
    command = [sys.executable, "-m", "tools.check"]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", errors="replace")
    if done.returncode:
        raise InputError(done.stderr.strip())
    return read()


def read_weights(path: str, load: Callable[[bytes], M], root: Path = Path()) -> M:
    """A trained model: from the pipeline's output if there is one, else from DVC's cache.

    dvc.api.open would read the cache, too, but not in a folder that it may not write to.
    """
    try:
        file = root / path
        if not file.is_file():
            stages = read_yaml(root / "dvc.lock")["stages"].values()
            md5 = {out["path"]: out["md5"] for stage in stages for out in stage["outs"]}[path]
            file = root / ".dvc/cache/files/md5" / md5[:2] / md5[2:]
        return load(file.read_bytes())
    except (OSError, KeyError, InputError) as error:
        raise InputError(f"{path}: cannot be read ({error}); --train makes a new one") from error
