"""How well the GPT predicts the end of the book, which it has not seen (exercise 3.2.4, 1)."""

import math
from typing import Annotated

import torch
from pydantic import Field
from torch import Tensor

from lab.core.artifacts import read_arrays, write_metrics
from lab.core.entry import run
from lab.core.headline import headline
from lab.core.params import PARAMS, Section, load
from lookingglass.errors import InputError
from lookingglass.gpt.mixture import best_weight, mix
from lookingglass.gpt.scoring import log_prob
from lookingglass.gpt.vocabulary import SIZE
from lookingglass.gpt.weights import load_gpt


class Params(Section):
    stride: Annotated[int, Field(ge=1, le=1024)]


def check_stride(stride: int, block_size: int) -> None:
    if stride > block_size:
        raise InputError(
            f"{PARAMS}: evaluate_gpt.stride = {stride}: must be at most "
            f"train_gpt.block_size, {block_size}"
        )


def read_ngram(tokens: dict[str, Tensor]) -> dict[str, Tensor]:
    """The n-gram model's scores of the tokens, all but the first, of "validation" and "test"."""
    scores = {
        name: torch.from_numpy(array) for name, array in read_arrays("data/ngram.npz").items()
    }
    for name, of_part in scores.items():
        if len(of_part) != len(tokens[name]) - 1:
            raise InputError(
                f"data/ngram.npz: {name}: {len(of_part)} scores for {len(tokens[name])} tokens, "
                "of which all but the first have one; delete it, then 'dvc repro' makes it again"
            )
    return scores


def main() -> None:
    params = load("evaluate_gpt", Params)
    torch.set_num_threads(1)
    gpt = load_gpt("models/gpt.safetensors")
    size = gpt.config.block_size
    check_stride(params.stride, size)
    tokens = {
        name: torch.from_numpy(array) for name, array in read_arrays("data/tokens.npz").items()
    }
    test = tokens["test"]
    scores = log_prob(gpt, test, stride=params.stride)
    validation = log_prob(gpt, tokens["validation"], stride=params.stride)
    ngram = read_ngram(tokens)
    weight = best_weight(validation.double(), ngram["validation"])
    loss = -float(scores.mean())
    scored_bytes = len(gpt.vocabulary.encoding.decode_bytes(test[1:].tolist()))
    rare = gpt.vocabulary.is_unknown(test[1:])
    metrics = {
        "loss": loss,
        "bits_per_byte": -float(scores.sum()) / math.log(2) / scored_bytes,
        "perplexity": math.exp(loss),
        "validation_loss": -float(validation.mean()),
        "blocks_loss": -float(log_prob(gpt, test, stride=size).mean()),
        "mixture_loss": -float(mix(scores.double(), ngram["test"], weight).mean()),
        "mixture_weight": weight,
        "rare": float(rare.double().mean()),
        "stride": params.stride,
        "vocabulary": SIZE,
    }
    write_metrics("metrics/details/evaluate_gpt.json", metrics)
    write_metrics(
        "metrics/evaluate_gpt.json",
        headline(metrics, "loss", "bits_per_byte", "mixture_loss"),
    )
    print(
        f"test loss {loss:.4f} nats per token, {metrics['bits_per_byte']:.4f} bits per byte, "
        f"perplexity {metrics['perplexity']:.1f}; mixed with the n-gram model, at a weight of "
        f"{weight:.2f}: {metrics['mixture_loss']:.4f}"
    )


if __name__ == "__main__":
    run(main)
