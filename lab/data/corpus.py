"""The text that the GPT learns from, and GPT-2's byte pair encoding (exercise 3.2 and 3.2.1)."""

import codecs
import io
import re
import tempfile
from collections.abc import Iterator
from mmap import mmap
from pathlib import Path
from typing import BinaryIO

from lab.core.artifacts import atomically
from lab.core.params import PARAMS
from lab.data.download import download
from lookingglass.errors import InputError

# a book of Project Gutenberg stands between two lines: before them a header, after them the licence
BOOK = re.compile(
    rb"^\*\*\* ?START OF TH[^\n]*$(?P<text>.*?)"
    rb"^(End of Project Gutenberg[^\n]*\s+)?\*\*\* ?END OF TH[^\n]*$",
    re.MULTILINE | re.DOTALL,
)
HEADER = re.compile(rb"^.*Project Gutenberg", re.MULTILINE)
LICENCE_END = re.compile(rb"to\s+hear\s+about\s+new\s+eBooks\.")

PIECE = 1 << 20  # bytes: a text of any length is read in such pieces

Span = tuple[int, int]
"""Where a part of a text starts and ends, in bytes."""


def between(text: bytes | mmap, span: Span, *, licence: bool, header: bool) -> Span:
    """The text before, between or after books, without a leading licence or a trailing header.

    A licence ends with a sentence that all licences have, and a header begins in the line that
    names Project Gutenberg; without either, nothing of the text is kept.
    """
    start, end = span
    if licence:
        found = LICENCE_END.search(text, start, end)
        start = found.end() if found else end
    if header:
        found = HEADER.search(text, start, end)
        end = found.start() if found else start
    return start, end


def stripped(text: bytes | mmap, span: Span) -> Span:
    """The same without white space at its ends."""
    start, end = span
    while start < end and text[start : start + 1].isspace():
        start += 1
    while start < end and text[end - 1 : end].isspace():
        end -= 1
    return start, end


def without_licences(text: bytes | mmap) -> tuple[list[Span], int]:
    """What of the text is not Project Gutenberg's headers and licences, and how many books it has.

    In the text's order, without the white space around.
    """
    parts, end, count = list[Span](), 0, 0
    for book in BOOK.finditer(text):
        parts.append(between(text, (end, book.start()), licence=count > 0, header=True))
        parts.append(book.span("text"))
        end, count = book.end(), count + 1
    parts.append(between(text, (end, len(text)), licence=count > 0, header=False))
    found = (stripped(text, part) for part in parts)
    return [(start, end) for start, end in found if start < end], count


def open_file(path: str) -> BinaryIO:
    """A text file, or the one that a .toml describes. Raises InputError."""
    if path.endswith(".toml"):
        copied = f"set corpus.file in {PARAMS} to a text of your own, or copy one"
        return io.BytesIO(download(path, copied))
    try:
        return Path(path).open("rb")
    except OSError as error:
        raise InputError(
            f"{PARAMS}: corpus.file = {path!r}: {error.strerror}; must be a .toml that says where "
            "a text comes from, or a text file"
        ) from error


def unix_text(file: BinaryIO, path: str) -> Iterator[str]:
    """The text of a file, in pieces, with Unix line ends. Raises InputError unless it is UTF-8."""
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    newlines = io.IncrementalNewlineDecoder(decoder, translate=True)
    piece = b" "
    while piece:
        piece = file.read(PIECE)
        try:
            text = newlines.decode(piece, final=not piece)
        except UnicodeDecodeError as error:
            at = file.tell() - len(error.object) + error.start
            raise InputError(f"{path}: not UTF-8 text (byte {at})") from error
        if b"\0" in piece:  # UTF-16 and most binary files have it, no text does
            at = file.tell() - len(piece) + piece.index(b"\0")
            raise InputError(f"{path}: not text (byte {at} is 0)")
        yield text


def write_book(path: str, target: str | Path) -> str:
    """Write the text of corpus.file to `target`, as UTF-8; the line says what was cut from it.

    Raises InputError if it cannot be had, or there is no text in it.
    """
    with open_file(path) as source, atomically(target) as file:
        for piece in unix_text(source, path):
            file.write(piece.encode())
        size = file.tell()
        file.write(b"\n")
        file.flush()
        with mmap(file.fileno(), 0) as text:
            whole = stripped(text, (0, size))
            parts, count = without_licences(text)
            if not parts:
                raise InputError(f"{path}: no text in it")
            end = 0
            for start, stop in parts:  # moved together in the file: it need not fit in memory
                if end:
                    text[end : end + 2] = b"\n\n"
                    end += 2
                text.move(end, start, stop - start)
                end += stop - start
            text[end : end + 1] = b"\n"
        file.truncate(end + 1)
    summary = f"{path}: {end + 1:,} bytes of text"
    if count:
        cut = whole[1] - whole[0] - end
        books = "a book" if count == 1 else f"{count} books"
        summary += f"; cut {cut:,} bytes: Project Gutenberg's headers and licences of {books}"
    return summary


def load_book(path: str) -> bytes:
    """The text of corpus.file, as UTF-8. Raises InputError as `write_book` does."""
    with tempfile.TemporaryDirectory() as folder:
        book = Path(folder, "book.txt")
        write_book(path, book)
        return book.read_bytes()


def load_bpe() -> bytes:
    """GPT-2's byte pair encoding, as a tiktoken table. Raises InputError if it cannot be had."""
    return download(
        "lab/data/gpt2_bpe.toml", "copy data/gpt2.tiktoken from a machine where this has run"
    )
