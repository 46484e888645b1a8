"""What both examples share: the command line and the trained weights."""

import argparse
from collections.abc import Callable
from pathlib import Path

import dvc.api
from dvc.exceptions import DvcException

from lookingglass.errors import InputError


def new_parser(description: str | None) -> argparse.ArgumentParser:
    """A command line that answers a bad value with one line, without argparse's usage text."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
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


def read_weights(path: str) -> bytes:
    """Trained weights: from the pipeline's output if there is one, else from DVC's cache."""
    try:
        if Path(path).is_file():
            return Path(path).read_bytes()
        with dvc.api.open(path, mode="rb") as file:
            data: bytes = file.read()
            return data
    except (OSError, DvcException) as error:
        raise InputError(f"{path}: cannot be read ({error}); --train makes a new one") from error
