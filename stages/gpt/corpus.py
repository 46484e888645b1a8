"""Bring the book and GPT-2's table of byte pairs (exercise 3.2 and 3.2.1)."""

import re
from pathlib import Path
from typing import Annotated

from pydantic import Field

from lab.core.artifacts import write_bytes
from lab.core.entry import run
from lab.core.params import PARAMS, Section, load
from lab.data.download import download
from lookingglass.errors import InputError

# a book of Project Gutenberg lies between two lines; a header precedes them, the licence follows
BOOK = re.compile(
    r"^\*\*\* ?START OF TH[^\n]*$(?P<text>.*?)"
    r"^(End of Project Gutenberg[^\n]*\s+)?\*\*\* ?END OF TH[^\n]*$",
    re.MULTILINE | re.DOTALL,
)
HEADER = re.compile(r"^.*Project Gutenberg", re.MULTILINE)
LICENCE_END = re.compile(r"to\s+hear\s+about\s+new\s+eBooks\.")


class Params(Section):
    file: Annotated[str, Field(min_length=1)]


def between(text: str, *, licence: bool, header: bool) -> str:
    """What of a text before, between or after books belongs to none of them.

    A licence at its beginning ends with a sentence that all have, and a header at its end begins
    where it names Project Gutenberg; where either has not, there is nothing else.
    """
    if licence:
        end = LICENCE_END.search(text)
        text = text[end.end() :] if end else ""
    if header:
        start = HEADER.search(text)
        text = text[: start.start()] if start else ""
    return text


def without_licences(text: str) -> tuple[str, int]:
    """The text without the headers and licences of Gutenberg's books in it; how many these are."""
    parts, end, count = [], 0, 0
    for book in BOOK.finditer(text):
        parts += [between(text[end : book.start()], licence=count > 0, header=True), book["text"]]
        end, count = book.end(), count + 1
    parts.append(between(text[end:], licence=count > 0, header=False))
    return "\n\n".join(filter(None, (part.strip() for part in parts))) + "\n", count


def read_file(path: str) -> bytes:
    if path.endswith(".toml"):
        return download(path, f"set corpus.file in {PARAMS} to a text of your own, or copy one")
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise InputError(
            f"{PARAMS}: corpus.file = {path!r}: {error.strerror}; must be a .toml that says where "
            "a text comes from, or a text file"
        ) from error


def read_text(path: str) -> str:
    raw = read_file(path)
    try:
        text = raw.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not UTF-8 text (byte {error.start})") from error
    if "\0" in text:  # UTF-16 and most binary files have it, no text does
        raise InputError(f"{path}: not text (byte {raw.index(0)} is 0)")
    return text


def bring(params: Params) -> tuple[bytes, bytes, str]:
    """The book, as UTF-8; GPT-2's table; a line that says what was cut from the file."""
    text = read_text(params.file)
    table = download(
        "lab/data/gpt2_bpe.toml", "copy data/gpt2.tiktoken from a machine where this has run"
    )
    book, count = without_licences(text)
    if not book.strip():
        raise InputError(f"{params.file}: no text in it")
    said = f"{params.file}: {len(book.encode()):,} bytes of text"
    if count:
        cut = len(text.strip().encode()) - len(book.strip().encode())
        books = "a book" if count == 1 else f"{count} books"
        said += f"; cut {cut:,} bytes: Project Gutenberg's headers and licences of {books}"
    return book.encode(), table, said


def main() -> None:
    book, table, said = bring(load("corpus", Params))
    write_bytes("data/alice.txt", book)
    write_bytes("data/gpt2.tiktoken", table)
    print(said)


if __name__ == "__main__":
    run(main)
