"""How well the GPT predicts the end of the book, unseen in training (exercise 3.2.4, 1)."""

import math
from typing import Annotated

import torch
from pydantic import Field
from torch import Tensor

from lab.core.artifacts import read_arrays, write_metrics
from lab.core.entry import run
from lab.core.headline import write_headline
from lab.core.params import PARAMS, Section, load
from lookingglass.errors import InputError
from lookingglass.gpt.mixture import best_weight, mix
from lookingglass.gpt.model import GPT
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


def evaluate(
    gpt: GPT, tokens: dict[str, Tensor], ngram: dict[str, Tensor], stride: int
) -> dict[str, float]:
    """Losses in nats per token: the GPT's, and that of its mixture with the n-gram model.

    The mixture's weight is chosen on the validation part.
    """
    test = tokens["test"]
    log_p = log_prob(gpt, test, stride=stride)
    validation = log_prob(gpt, tokens["validation"], stride=stride)
    weight = best_weight(validation.double(), ngram["validation"])
    loss = -float(log_p.mean())
    scored_bytes = len(gpt.vocabulary.encoding.decode_bytes(test[1:].tolist()))
    return {
        "loss": loss,
        "bits_per_byte": -float(log_p.sum()) / math.log(2) / scored_bytes,
        "perplexity": math.exp(loss),
        "validation_loss": -float(validation.mean()),
        "blocks_loss": -float(log_prob(gpt, test, stride=gpt.config.block_size).mean()),
        "mixture_loss": -float(mix(log_p.double(), ngram["test"], weight).mean()),
        "mixture_weight": weight,
        "rare": float(gpt.vocabulary.is_unknown(test[1:]).double().mean()),
        "stride": stride,
        "vocabulary": SIZE,
    }


def main() -> None:
    params = load("evaluate_gpt", Params)
    torch.set_num_threads(1)
    gpt = load_gpt("models/gpt.safetensors")
    check_stride(params.stride, gpt.config.block_size)
    tokens = {
        name: torch.from_numpy(array) for name, array in read_arrays("data/tokens.npz").items()
    }

    metrics = evaluate(gpt, tokens, read_ngram(tokens), params.stride)

    write_metrics("metrics/details/evaluate_gpt.json", metrics)
    write_headline("metrics/evaluate_gpt.json", metrics, "loss", "bits_per_byte", "mixture_loss")
    print(
        f"test loss {metrics['loss']:.4f} nats per token, {metrics['bits_per_byte']:.4f} bits per "
        f"byte, perplexity {metrics['perplexity']:.1f}; mixed with the n-gram model, with weight "
        f"{metrics['mixture_weight']:.2f}: {metrics['mixture_loss']:.4f}"
    )


if __name__ == "__main__":
    run(main)
