"""What both examples share: the command line and the trained weights."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from lab.core.yaml12 import read_yaml
from lookingglass.errors import InputError

M = TypeVar("M")


def new_parser(description: str | None) -> argparse.ArgumentParser:
    """A command line that answers a bad value with one line, without argparse's usage text."""
    parser = argparse.ArgumentParser(
        description=description,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.error = lambda message: parser.exit(2, f"{parser.prog}: {message}\n")  # type: ignore[method-assign]
    return parser


def whole_number(least: int, most: int) -> Callable[[str], int]:
    """A parser of whole numbers from least to most, for argparse."""

    def parse(text: str) -> int:
        if not (text.isdecimal() and least <= int(text) <= most):
            raise argparse.ArgumentTypeError(f"{text!r}: must be from {least} to {most}")
        return int(text)

    return parse


def read_weights(path: str, load: Callable[[bytes], M]) -> M:
    """A trained model: from the pipeline's output if there is one, else from DVC's cache.

    dvc.api.open would read the cache, too, but not in a folder that it may not write to.
    """
    try:
        file = Path(path)
        if not file.is_file():
            stages = read_yaml("dvc.lock")["stages"].values()
            md5 = {out["path"]: out["md5"] for stage in stages for out in stage["outs"]}[path]
            file = Path(".dvc/cache/files/md5", md5[:2], md5[2:])
        return load(file.read_bytes())
    except (OSError, KeyError, InputError) as error:
        raise InputError(f"{path}: cannot be read ({error}); --train makes a new one") from error
