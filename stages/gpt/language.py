"""A language whose truth is known: text drawn from an n-gram model of the book.

Its vocabulary is closed: the tokens of the book's training part.
"""

from typing import Annotated

import torch
from pydantic import Field

from lab.core.artifacts import write_arrays, write_metrics
from lab.core.entry import run
from lab.core.headline import write_headline
from lab.core.params import Section, Seed, load
from lab.data.tokens import excerpt, read_tokens
from lookingglass.gpt.divergence import conditional_entropies, mean_and_error
from lookingglass.gpt.language import fit_language


class Params(Section):
    order: Annotated[int, Field(ge=1, le=10)]
    seed: Seed
    training: Annotated[int, Field(ge=2000, le=10_000_000)]
    validation: Annotated[int, Field(ge=2000, le=1_000_000)]
    test: Annotated[int, Field(ge=2000, le=1_000_000)]
    entropy: Annotated[int, Field(ge=2000, le=10_000_000)]


def main() -> None:
    params = load("language", Params)
    torch.set_num_threads(1)
    book = excerpt(read_tokens("data/tokens.npz")["train"])
    language = fit_language(book, params.order)
    generator = torch.Generator().manual_seed(params.seed)
    sizes = [params.training, params.validation, params.test]
    training, validation, test = language.draw(sum(sizes), generator).split(sizes)
    sample = language.draw(params.entropy, generator)
    entropies = conditional_entropies(language, sample, max(1, params.order - 1))
    rate, error = mean_and_error(entropies)

    write_arrays(
        "data/language.npz",
        tokens=language.tokens.numpy(),
        train=training.numpy(),
        validation=validation.numpy(),
        test=test.numpy(),
    )
    metrics = {
        "entropy_rate": rate,
        "entropy_rate_error": error,
        "order": params.order,
        "vocabulary": len(language.tokens),
        "vocabulary_seen": len(training.unique()),
        "book": len(book),
        "training": params.training,
        "test": params.test,
        "entropy_tokens": params.entropy,
    }
    write_metrics("metrics/details/language.json", metrics)
    write_headline("metrics/language.json", metrics, "entropy_rate", "entropy_rate_error")
    print(
        f"a language of {len(language.tokens):,} tokens, of order {params.order}: "
        f"entropy rate {rate:.4f} ± {error:.4f} nats per token"
    )


if __name__ == "__main__":
    run(main)
