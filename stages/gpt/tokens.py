"""The book as GPT-2 tokens, its three parts, and the vocabulary (exercise 3.2.1)."""

from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator

from lab.core.artifacts import write_arrays
from lab.core.entry import run
from lab.core.params import Section, load
from lab.data.tokens import build_vocabulary, read_book, read_bpe, tokenise


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


def main() -> None:
    params = load("tokens", Params)
    book, bpe = read_book("data/alice.txt"), read_bpe()
    parts = tokenise(book, bpe, training=params.training, validation=params.validation)
    vocabulary = build_vocabulary(params.vocabulary, bpe, parts["train"], params.reserved)
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
