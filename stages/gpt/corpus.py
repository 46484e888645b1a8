"""Bring the book and GPT-2's table of byte pairs (exercise 3.2 and 3.2.1)."""

import re
from pathlib import Path
from typing import Annotated

from pydantic import Field

from lookingglass.artifacts import write_bytes
from lookingglass.errors import InputError
from lookingglass.params import PARAMS, Section, load
from stages.entry import run
from stages.gpt.download import download

# Project Gutenberg's licence and credits lie outside these two lines
START = re.compile(r"^\*\*\* ?START OF TH.*$", re.MULTILINE)
END = re.compile(r"^(End of Project Gutenberg.*\s+)?\*\*\* ?END OF TH.*$", re.MULTILINE)


class Params(Section):
    file: Annotated[str, Field(min_length=1)]


def book_of(text: str) -> str:
    """The text between Gutenberg's two lines, or all of it where there are none."""
    start, end = START.search(text), END.search(text)
    if start and end:
        text = text[start.end() : end.start()]
    return text.strip() + "\n"


def read_text(path: str) -> bytes:
    if path.endswith(".toml"):
        return download(path, f"set corpus.file in {PARAMS} to a text of your own, or copy one")
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise InputError(
            f"{PARAMS}: corpus.file = {path!r}: {error.strerror}; must be a .toml that says where "
            "a text comes from, or a text file"
        ) from error


def bring(params: Params) -> tuple[bytes, bytes]:
    """The book, as UTF-8, and GPT-2's table."""
    raw = read_text(params.file)
    try:
        text = raw.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        raise InputError(f"{params.file}: not UTF-8 text (byte {error.start})") from error
    if "\0" in text:  # UTF-16 and most binary files have it, no text does
        raise InputError(f"{params.file}: not text (byte {raw.index(0)} is 0)")
    if not text.strip():
        raise InputError(f"{params.file}: no text in it")
    table = download(
        "stages/gpt/gpt2_bpe.toml", "copy data/gpt2.tiktoken from a machine where this has run"
    )
    return book_of(text).encode(), table


def main() -> None:
    params = load("corpus", Params)
    book, table = bring(params)
    write_bytes("data/alice.txt", book)
    write_bytes("data/gpt2.tiktoken", table)
    print(f"{params.file}: {len(book):,} bytes of text")


if __name__ == "__main__":
    run(main)
