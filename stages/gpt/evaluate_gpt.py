"""How well the GPT predicts the end of the book, which it has not seen (exercise 3.2.4, 1)."""

import math
from typing import Annotated

import torch
from pydantic import Field

from lookingglass.artifacts import read_arrays, write_metrics
from lookingglass.errors import InputError
from lookingglass.gpt.scoring import log_prob
from lookingglass.gpt.vocabulary import SIZE
from lookingglass.gpt.weights import load_gpt
from lookingglass.params import PARAMS, Section, load
from stages.entry import run


class Params(Section):
    stride: Annotated[int, Field(ge=1, le=1024)]


def check_stride(stride: int, block_size: int) -> None:
    if stride > block_size:
        raise InputError(
            f"{PARAMS}: evaluate_gpt.stride = {stride}: must be at most "
            f"train_gpt.block_size, {block_size}"
        )


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
    loss = -float(scores.mean())
    scored_bytes = len(gpt.vocabulary.encoding.decode_bytes(test[1:].tolist()))
    rare = gpt.vocabulary.is_rare(test[1:])
    metrics = {
        "loss": loss,
        "bits_per_byte": -float(scores.sum()) / math.log(2) / scored_bytes,
        "perplexity": math.exp(loss),
        "validation_loss": -float(log_prob(gpt, tokens["validation"], stride=params.stride).mean()),
        "blocks_loss": -float(log_prob(gpt, test, stride=size).mean()),
        "rare": float(rare.double().mean()),
        "stride": params.stride,
        "vocabulary": SIZE,
    }
    write_metrics("metrics/evaluate_gpt.json", metrics)
    print(
        f"test loss {loss:.4f} nats per token, {metrics['bits_per_byte']:.4f} bits per byte, "
        f"perplexity {metrics['perplexity']:.1f}"
    )


if __name__ == "__main__":
    run(main)
