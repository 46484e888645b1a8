"""How well the GPT predicts the end of the book, unseen in training (exercise 3.2.4, 1)."""

import math
from dataclasses import dataclass
from typing import Annotated

import torch
from pydantic import Field
from torch import Tensor

from lab.core.artifacts import read_arrays, write_metrics
from lab.core.entry import run
from lab.core.headline import write_headline
from lab.core.params import PARAMS, Section, load
from lab.data.tokens import read_tokens
from lookingglass.errors import InputError
from lookingglass.gpt.mixture import best_weight, mix
from lookingglass.gpt.model import GPT
from lookingglass.gpt.neural_cache import cache_log_prob, hidden_states
from lookingglass.gpt.scoring import log_prob
from lookingglass.gpt.vocabulary import SIZE
from lookingglass.gpt.weights import load_gpt

THETAS = (0.01, 0.02, 0.03, 0.05, 0.1, 0.2)
"""How sharply the cache prefers similar hidden states: the one to take is chosen by validation."""


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


@dataclass(frozen=True)
class Mixed:
    """Two models mixed; the weight of the first is the best one for the validation part."""

    weight: float
    log_p: dict[str, Tensor]
    """Of each token of each part."""

    def loss(self, part: str) -> float:
        """Nats per token."""
        return -float(self.log_p[part].mean())


def mixed(a: dict[str, Tensor], b: dict[str, Tensor]) -> Mixed:
    weight = best_weight(a["validation"], b["validation"])
    return Mixed(weight, {name: mix(a[name], b[name], weight) for name in a})


def with_cache(
    gpt: GPT, log_p: dict[str, Tensor], tokens: dict[str, Tensor], stride: int
) -> tuple[float, Mixed]:
    """The GPT mixed with a neural cache, which starts empty in each part; and the best theta."""
    hidden = {name: hidden_states(gpt, tokens[name], stride=stride) for name in log_p}

    def of(theta: float) -> Mixed:
        return mixed(
            log_p,
            {
                name: cache_log_prob(states, tokens[name][1:], theta).double()
                for name, states in hidden.items()
            },
        )

    return min(
        ((theta, of(theta)) for theta in THETAS), key=lambda found: found[1].loss("validation")
    )


def evaluate(
    gpt: GPT, tokens: dict[str, Tensor], ngram: dict[str, Tensor], stride: int
) -> dict[str, float]:
    """Losses in nats per token: the GPT's, and those of its mixtures.

    With the n-gram model, with a cache of what was just read, and with both. All that a mixture
    needs is chosen on the validation part.
    """
    test = tokens["test"]
    log_p = {
        name: log_prob(gpt, tokens[name], stride=stride).double() for name in ("validation", "test")
    }
    mixture = mixed(log_p, ngram)
    theta, cached = with_cache(gpt, log_p, tokens, stride)
    both = mixed(cached.log_p, ngram)
    loss = -float(log_p["test"].mean())
    scored_bytes = len(gpt.vocabulary.encoding.decode_bytes(test[1:].tolist()))
    return {
        "loss": loss,
        "bits_per_byte": -float(log_p["test"].sum()) / math.log(2) / scored_bytes,
        "perplexity": math.exp(loss),
        "validation_loss": -float(log_p["validation"].mean()),
        "blocks_loss": -float(log_prob(gpt, test, stride=gpt.config.block_size).mean()),
        "mixture_loss": mixture.loss("test"),
        "mixture_weight": mixture.weight,
        "cache_loss": cached.loss("test"),
        "cache_weight": 1 - cached.weight,
        "cache_theta": theta,
        "cache_mixture_loss": both.loss("test"),
        "cache_mixture_weight": both.weight,
        "rare": float(gpt.vocabulary.is_unknown(test[1:]).double().mean()),
        "stride": stride,
        "vocabulary": SIZE,
    }


def main() -> None:
    params = load("evaluate_gpt", Params)
    torch.set_num_threads(1)
    gpt = load_gpt("models/gpt.safetensors")
    check_stride(params.stride, gpt.config.block_size)
    tokens = read_tokens("data/tokens.npz")

    metrics = evaluate(gpt, tokens, read_ngram(tokens), params.stride)

    write_metrics("metrics/details/evaluate_gpt.json", metrics)
    write_headline("metrics/evaluate_gpt.json", metrics, "loss", "bits_per_byte", "mixture_loss")
    print(
        f"test loss {metrics['loss']:.4f} nats per token, {metrics['bits_per_byte']:.4f} bits per "
        f"byte, perplexity {metrics['perplexity']:.1f}; mixed with the n-gram model, with weight "
        f"{metrics['mixture_weight']:.2f}: {metrics['mixture_loss']:.4f}; with a cache: "
        f"{metrics['cache_loss']:.4f}, with both: {metrics['cache_mixture_loss']:.4f}"
    )


if __name__ == "__main__":
    run(main)
