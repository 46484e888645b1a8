"""Train the GPT (exercise 3.2.4, question 1).

A training that was killed resumes where it stopped. The weights with the lowest validation loss are
kept.
"""

import math
from typing import Annotated, Literal

import torch
from pydantic import Field, ValidationInfo, field_validator
from torch import Tensor

from lab.core.artifacts import read_arrays, read_bytes, write_bytes, write_table
from lab.core.entry import run
from lab.core.params import PARAMS, Count, Section, Seed, load
from lab.data.tokens import read_bpe
from lab.training.checkpoint import FOLDER, alone, key_of, load_checkpoint, save_checkpoint
from lab.training.device import pick_device
from lab.training.progress import progress
from lookingglass.errors import InputError
from lookingglass.gpt.model import GPT, Config
from lookingglass.gpt.training import Training, begin, train
from lookingglass.gpt.vocabulary import Vocabulary
from lookingglass.gpt.weights import dump_gpt

CHECKPOINT = FOLDER / "train_gpt.safetensors"


class Params(Section):
    seed: Seed
    block_size: Annotated[int, Field(ge=8, le=1024)]
    n_layer: Annotated[int, Field(ge=1, le=48)]
    n_embd: Annotated[int, Field(ge=8, le=1600)]
    n_head: Annotated[int, Field(ge=1, le=64)]
    dropout: Annotated[float, Field(ge=0, lt=0.9)]
    rare: Annotated[float, Field(ge=0, le=1)]
    steps: Count
    warmup: Annotated[int, Field(ge=0)]
    batch_size: Annotated[int, Field(ge=1, le=4096)]
    muon_rate: Annotated[float, Field(gt=0, le=1)]
    adam_rate: Annotated[float, Field(gt=0, le=1)]
    weight_decay: Annotated[float, Field(ge=0, le=10)]
    evaluate_every: Count
    precision: Literal["float32", "bfloat16"]
    threads: Annotated[int, Field(ge=1, le=256)]

    @field_validator("n_head")
    @classmethod
    def _divides(cls, n_head: int, info: ValidationInfo) -> int:
        n_embd = info.data.get("n_embd", n_head)
        if n_embd % n_head:
            raise ValueError(f"a divisor of n_embd, {n_embd}")
        return n_head


def train_gpt(
    params: Params,
    vocabulary: Vocabulary,
    ids: Tensor,
    validation: Tensor,
    device: torch.device,
    key: str,
) -> Training:
    """Train, evaluate and save a checkpoint every few steps, or resume from that of `key`."""
    torch.set_num_threads(params.threads)
    shape = params.model_dump(include={"block_size", "n_layer", "n_head", "n_embd", "dropout"})
    gpt = GPT(Config(**shape), vocabulary, torch.Generator().manual_seed(params.seed)).to(device)
    ids, validation = ids.to(device), validation.to(device)
    rates = params.model_dump(include={"muon_rate", "adam_rate", "weight_decay"})
    training = begin(gpt, ids, **rates)
    if checkpoint := load_checkpoint(CHECKPOINT, key):
        numbers, tensors = checkpoint
        training.restore(numbers["step"], [(i, a, b) for i, a, b in numbers["curve"]], tensors)
        print(f"resuming after step {training.step}")

    recipe = params.model_dump(include={"steps", "warmup", "batch_size", "rare", "seed"})
    steps = train(training, ids, **recipe, bfloat16=params.precision == "bfloat16")
    for _ in progress(steps, total=params.steps - training.step, title="training the GPT"):
        if training.step % params.evaluate_every and training.step < params.steps:
            continue
        training.evaluate(ids, validation)
        loss = training.curve[-1][2]
        if not math.isfinite(loss):
            raise InputError(
                f"{PARAMS}: train_gpt: the loss is {loss} at step {training.step}; "
                "lower muon_rate or adam_rate"
            )
        numbers = {"step": training.step, "curve": training.curve}
        save_checkpoint(CHECKPOINT, key, numbers, training.tensors())
    return training


@alone("train_gpt")
def main() -> None:
    params, device = load("train_gpt", Params), pick_device()
    table, tokens = read_bpe(), read_arrays("data/tokens.npz")
    parts = {name: torch.from_numpy(array) for name, array in tokens.items()}
    vocabulary = Vocabulary(table, parts["rows"], parts["log_prior"])
    key = key_of(params, device, table, read_bytes("data/tokens.npz"))

    training = train_gpt(params, vocabulary, parts["train"], parts["validation"], device, key)

    training.gpt.load_state_dict(training.best)
    write_bytes("models/gpt.safetensors", dump_gpt(training.gpt.cpu()))
    write_table("plots/train_gpt.csv", ["step", "train", "validation"], training.curve)
    CHECKPOINT.unlink()
    step, _, loss = min(training.curve, key=lambda row: row[2])
    print(f"validation loss {loss:.4f} nats per token, at step {step}")


if __name__ == "__main__":
    run(main)
