"""The book as GPT-2 tokens, its three parts, and the vocabulary (exercise 3.2.1)."""

from typing import Annotated, Literal

import torch
from pydantic import ConfigDict, Field, ValidationInfo, field_validator
from torch import Tensor

from lab.core.artifacts import read_bytes, write_arrays
from lab.core.entry import run
from lab.core.params import PARAMS, Section, load
from lookingglass.errors import InputError
from lookingglass.gpt.vocabulary import Vocabulary, compact, encoding, full

LEAST = 2000  # tokens: with fewer, a part is too short to say anything


class Params(Section):
    vocabulary: Literal["compact", "full"]
    reserved: list[str]
    training: Annotated[float, Field(ge=0.6, le=0.93)]
    validation: Annotated[float, Field(ge=0.02, le=0.3)]

    @field_validator("validation")
    @classmethod
    def _leave_a_test_part(cls, validation: float, info: ValidationInfo) -> float:
        training = info.data.get("training", 0)
        if training + validation > 0.95:
            raise ValueError(f"at most 0.95 together with tokens.training, {training}")
        return validation


class Corpus(Section):
    """Where the text comes from: the user knows it by this name."""

    model_config = ConfigDict(extra="ignore")

    file: Annotated[str, Field(min_length=1)]


def tokenise(params: Params, book: bytes, table: bytes) -> tuple[dict[str, Tensor], Vocabulary]:
    """The ids of each part, "train", "validation" and "test", and the vocabulary."""
    bpe = encoding(table)
    try:
        text = book.decode()
        if not text.endswith("\n"):
            raise ValueError("cut off")
    except ValueError as error:
        raise InputError(
            "data/alice.txt: damaged; delete it, then 'dvc repro' makes it again"
        ) from error
    ids = torch.tensor(bpe.encode_ordinary(text))
    if len(ids) < LEAST:
        file = load("corpus", Corpus).file
        raise InputError(
            f"{PARAMS}: corpus.file = {file!r}: {len(ids)} tokens; must be at least {LEAST}"
        )
    first = int(params.training * len(ids))
    last = int((params.training + params.validation) * len(ids))
    parts = {"train": ids[:first], "validation": ids[first:last], "test": ids[last:]}
    if params.vocabulary == "full":
        return parts, full(table)
    reserved = [id for text in params.reserved for id in bpe.encode_ordinary(text)]
    return parts, compact(table, parts["train"], torch.tensor(reserved, dtype=torch.int64))


def main() -> None:
    params = load("tokens", Params)
    book, table = read_bytes("data/alice.txt"), read_bytes("data/gpt2.tiktoken")
    parts, vocabulary = tokenise(params, book, table)
    write_arrays(
        "data/tokens.npz",
        **{name: part.numpy() for name, part in parts.items()},
        rows=vocabulary.tokens.numpy(),
        log_prior=vocabulary.log_prior.numpy(),
    )
    sizes = ", ".join(f"{len(part):,} {name}" for name, part in parts.items())
    unknown = float(vocabulary.is_unknown(parts["test"]).double().mean())
    print(f"tokens: {sizes}; {vocabulary.rows:,} rows, {unknown:.1%} of the test part unknown")


if __name__ == "__main__":
    run(main)
