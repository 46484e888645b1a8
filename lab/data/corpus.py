"""The text that the GPT learns from, and GPT-2's byte pair encoding (exercise 3.2 and 3.2.1)."""

import re
from pathlib import Path

from lab.core.params import PARAMS
from lab.data.download import download
from lookingglass.errors import InputError

# a book of Project Gutenberg stands between two lines: before them a header, after them the licence
BOOK = re.compile(
    r"^\*\*\* ?START OF TH[^\n]*$(?P<text>.*?)"
    r"^(End of Project Gutenberg[^\n]*\s+)?\*\*\* ?END OF TH[^\n]*$",
    re.MULTILINE | re.DOTALL,
)
HEADER = re.compile(r"^.*Project Gutenberg", re.MULTILINE)
LICENCE_END = re.compile(r"to\s+hear\s+about\s+new\s+eBooks\.")


def between(text: str, *, licence: bool, header: bool) -> str:
    """The text before, between or after books, without a leading licence or a trailing header.

    A licence ends with a sentence that all licences have, and a header begins in the line that
    names Project Gutenberg; without either, nothing of the text is kept.
    """
    if licence:
        end = LICENCE_END.search(text)
        text = text[end.end() :] if end else ""
    if header:
        start = HEADER.search(text)
        text = text[: start.start()] if start else ""
    return text


def without_licences(text: str) -> tuple[str, int]:
    """The text without Project Gutenberg's headers and licences, and the number of its books."""
    parts, end, count = [], 0, 0
    for book in BOOK.finditer(text):
        parts += [between(text[end : book.start()], licence=count > 0, header=True), book["text"]]
        end, count = book.end(), count + 1
    parts.append(between(text[end:], licence=count > 0, header=False))
    return "\n\n".join(filter(None, (part.strip() for part in parts))) + "\n", count


def read_file(path: str) -> bytes:
    """A text file, or the one that a .toml describes. Raises InputError."""
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
    """A text with Unix line ends. Raises InputError unless it is UTF-8."""
    raw = read_file(path)
    try:
        text = raw.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not UTF-8 text (byte {error.start})") from error
    if "\0" in text:  # UTF-16 and most binary files have it, no text does
        raise InputError(f"{path}: not text (byte {raw.index(0)} is 0)")
    return text


def load_book(path: str) -> tuple[bytes, str]:
    """The text of corpus.file, as UTF-8, and a line that says what was cut from it.

    Raises InputError if it cannot be had, or there is no text in it.
    """
    text = read_text(path)
    book, count = without_licences(text)
    if not book.strip():
        raise InputError(f"{path}: no text in it")
    summary = f"{path}: {len(book.encode()):,} bytes of text"
    if count:
        cut = len(text.strip().encode()) - len(book.strip().encode())
        books = "a book" if count == 1 else f"{count} books"
        summary += f"; cut {cut:,} bytes: Project Gutenberg's headers and licences of {books}"
    return book.encode(), summary


def load_bpe() -> bytes:
    """GPT-2's byte pair encoding, as a tiktoken table. Raises InputError if it cannot be had."""
    return download(
        "lab/data/gpt2_bpe.toml", "copy data/gpt2.tiktoken from a machine where this has run"
    )
