"""A text as GPT-2 tokens, its three parts, and the vocabulary (exercise 3.2.1)."""

import codecs
import hashlib
import math
import os
import tempfile
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from lab.core.artifacts import map_arrays, read_bytes
from lab.core.progress import progress
from lookingglass.errors import InputError
from lookingglass.gpt.vocabulary import SHA256, Vocabulary, compact, encode_pieces, encoding, full

LEAST = 2000  # tokens: with fewer, a part is too short to say anything
HELD_OUT = 16_384  # tokens: two standard errors of a loss are 1 % of it; more would take minutes
PIECE = 1 << 20  # bytes
COUNTED = 1_000_000  # tokens


def read_bpe() -> bytes:
    """GPT-2's byte pair encoding, as the stage `corpus` left it. Raises InputError."""
    path = "data/gpt2.tiktoken"
    table = read_bytes(path)
    if hashlib.sha256(table).hexdigest() != SHA256:
        raise InputError(f"{path}: damaged; delete it, then 'dvc repro' makes it again")
    return table


def read_book(path: str) -> Iterator[str]:
    """The text that the stage `corpus` left, in pieces. Raises InputError."""
    try:
        with Path(path).open("rb") as file:
            pieces = codecs.iterdecode(iter(partial(file.read, PIECE), b""), "utf-8")
            piece, total = "", math.ceil(os.fstat(file.fileno()).st_size / PIECE)
            for piece in progress(pieces, total=total, title="reading"):
                yield piece
            if not piece.endswith("\n"):
                raise ValueError("cut off")
    except FileNotFoundError as error:
        raise InputError(f"{path}: not there; 'dvc repro' makes it") from error
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: damaged; delete it, then 'dvc repro' makes it again") from error


def tokenise(
    text: Iterable[str], bpe: bytes, *, training: float, validation: float
) -> dict[str, Tensor]:
    """The ids of each part of a text that comes in pieces: "train", "validation" and "test".

    `training` and `validation` are fractions, and the rest is the test part; but neither validation
    nor test part is longer than HELD_OUT tokens: of a long text, training has all others. The ids
    are on disk while they are used, in TMPDIR, and there as 16-bit numbers. Raises InputError for a
    text of fewer than LEAST tokens, and if there is no room for them.
    """
    try:
        with tempfile.TemporaryFile() as file:
            for piece in encode_pieces(encoding(bpe), text):
                file.write(np.array(piece, np.uint16).tobytes())
            size = file.tell() // 2
            if size < LEAST:
                raise InputError(f"corpus.file: a text of {size} tokens; must be at least {LEAST}")
            ids = torch.from_numpy(np.memmap(file, np.uint16, "c"))
    except OSError as error:
        raise InputError(f"{error.strerror}; TMPDIR may name a folder with more room") from error
    last = max(int((training + validation) * size), size - HELD_OUT)
    first = max(int(training * size), last - HELD_OUT)
    return {"train": ids[:first], "validation": ids[first:last].long(), "test": ids[last:].long()}


def read_tokens(path: str) -> dict[str, Tensor]:
    """What the stage `tokens` left, with the training part on disk. Raises InputError."""
    return {name: torch.from_numpy(array) for name, array in map_arrays(path).items()}


def excerpt(training: Tensor) -> Tensor:
    """The training part for models that count n-grams, which grow with it: its last million tokens.

    Those are next to what the models are tested on.
    """
    return training[-COUNTED:].long()


def build_vocabulary(kind: str, bpe: bytes, training: Tensor, reserved: list[str]) -> Vocabulary:
    """The vocabulary of tokens.vocabulary: "full", or "compact" with the reserved texts' tokens."""
    if kind == "full":
        return full(bpe)
    own = [id for text in reserved for id in encoding(bpe).encode_ordinary(text)]
    return compact(bpe, training, torch.tensor(own, dtype=torch.int64))
