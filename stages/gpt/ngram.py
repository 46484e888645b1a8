"""An n-gram model of the same tokens, a baseline for the GPT (exercise 3.2.4, 1)."""

import math
from typing import Annotated

from pydantic import Field

from lab.core.artifacts import write_arrays, write_metrics
from lab.core.entry import run
from lab.core.headline import write_headline
from lab.core.params import Section, load
from lab.data.tokens import excerpt, read_bpe, read_tokens
from lookingglass.gpt.ngram import class_base, fit
from lookingglass.gpt.vocabulary import encoding


class Params(Section):
    order: Annotated[int, Field(ge=1, le=10)]


def main() -> None:
    params = load("ngram", Params)
    table, parts = read_bpe(), read_tokens("data/tokens.npz")
    training = excerpt(parts["train"])
    model = fit(training, params.order, class_base(training, table))
    scores = {name: model.log_prob(parts[name]) for name in ("validation", "test")}
    write_arrays("data/ngram.npz", **{name: part.numpy() for name, part in scores.items()})

    loss = {name: -float(part.mean()) for name, part in scores.items()}
    scored_bytes = len(encoding(table).decode_bytes(parts["test"][1:].tolist()))
    metrics = {
        "loss": loss["test"],
        "bits_per_byte": -float(scores["test"].sum()) / math.log(2) / scored_bytes,
        "perplexity": math.exp(loss["test"]),
        "validation_loss": loss["validation"],
        "order": params.order,
    }
    write_metrics("metrics/details/ngram.json", metrics)
    write_headline("metrics/ngram.json", metrics, "loss", "bits_per_byte")
    print(
        f"{params.order}-gram of {len(training):,} tokens: test loss {loss['test']:.4f} nats per "
        f"token, {metrics['bits_per_byte']:.4f} bits per byte, perplexity "
        f"{metrics['perplexity']:.1f}"
    )


if __name__ == "__main__":
    run(main)
