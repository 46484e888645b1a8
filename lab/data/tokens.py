"""A text as GPT-2 tokens, its three parts, and the vocabulary (exercise 3.2.1)."""

import hashlib

import torch
from torch import Tensor

from lab.core.artifacts import read_bytes
from lookingglass.errors import InputError
from lookingglass.gpt.vocabulary import SHA256, Vocabulary, compact, encoding, full

LEAST = 2000  # tokens: with fewer, a part is too short to say anything


def read_bpe() -> bytes:
    """GPT-2's byte pair encoding, as the stage `corpus` left it. Raises InputError."""
    path = "data/gpt2.tiktoken"
    table = read_bytes(path)
    if hashlib.sha256(table).hexdigest() != SHA256:
        raise InputError(f"{path}: damaged; delete it, then 'dvc repro' makes it again")
    return table


def tokenise(book: bytes, bpe: bytes, *, training: float, validation: float) -> dict[str, Tensor]:
    """The ids of each part of a text, in its order: "train", "validation" and "test".

    `training` and `validation` are fractions; the rest is the test part. Raises InputError for a
    text that is damaged or has fewer than LEAST tokens.
    """
    try:
        text = book.decode()
        if not text.endswith("\n"):
            raise ValueError("cut off")
    except ValueError as error:
        raise InputError(
            "data/alice.txt: damaged; delete it, then 'dvc repro' makes it again"
        ) from error
    ids = torch.tensor(encoding(bpe).encode_ordinary(text))
    if len(ids) < LEAST:
        raise InputError(f"corpus.file: a text of {len(ids)} tokens; must be at least {LEAST}")
    first, last = int(training * len(ids)), int((training + validation) * len(ids))
    return {"train": ids[:first], "validation": ids[first:last], "test": ids[last:]}


def build_vocabulary(kind: str, bpe: bytes, training: Tensor, reserved: list[str]) -> Vocabulary:
    """The vocabulary of tokens.vocabulary: "full", or "compact" with the reserved texts' tokens."""
    if kind == "full":
        return full(bpe)
    own = [id for text in reserved for id in encoding(bpe).encode_ordinary(text)]
    return compact(bpe, training, torch.tensor(own, dtype=torch.int64))
