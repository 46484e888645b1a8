"""Download the book and GPT-2's byte pair encoding (exercise 3.2 and 3.2.1)."""

from typing import Annotated

from pydantic import Field

from lab.core.artifacts import write_bytes
from lab.core.entry import run
from lab.core.params import Section, load
from lab.data.corpus import load_bpe, write_book


class Params(Section):
    file: Annotated[str, Field(min_length=1)]


def main() -> None:
    params = load("corpus", Params)
    summary = write_book(params.file, "data/alice.txt")
    write_bytes("data/gpt2.tiktoken", load_bpe())
    print(summary)


if __name__ == "__main__":
    run(main)
