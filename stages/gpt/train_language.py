"""Train the same GPT on text drawn from the known language.

As train_gpt does, but no token is unknown: the vocabulary is closed. A training that was killed
resumes where it stopped. The weights with the lowest validation loss are kept.
"""

import math
from pathlib import Path
from typing import Annotated

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
from lookingglass.gpt.vocabulary import Vocabulary, compact
from lookingglass.gpt.weights import dump_gpt

CHECKPOINT = FOLDER / "train_language.safetensors"


class Recipe(Section):
    """What trainings on the known language share."""

    seed: Seed
    block_size: Annotated[int, Field(ge=8, le=1024)]
    n_layer: Annotated[int, Field(ge=1, le=48)]
    n_head: Annotated[int, Field(ge=1, le=64)]
    dropout: Annotated[float, Field(ge=0, lt=0.9)]
    warmup: Annotated[int, Field(ge=0)]
    batch_size: Annotated[int, Field(ge=1, le=4096)]
    muon_rate: Annotated[float, Field(gt=0, le=1)]
    adam_rate: Annotated[float, Field(gt=0, le=1)]
    weight_decay: Annotated[float, Field(ge=0, le=10)]
    evaluate_every: Count
    threads: Annotated[int, Field(ge=1, le=256)]


class Params(Recipe):
    n_embd: Annotated[int, Field(ge=8, le=1600)]
    steps: Count

    @field_validator("n_embd")
    @classmethod
    def _divisible(cls, n_embd: int, info: ValidationInfo) -> int:
        n_head = info.data.get("n_head", n_embd)
        if n_embd % n_head:
            raise ValueError(f"a multiple of n_head, {n_head}")
        return n_embd


def train_language(
    params: Params,
    vocabulary: Vocabulary,
    ids: Tensor,
    validation: Tensor,
    device: torch.device,
    checkpoint: Path,
    key: str,
) -> Training:
    """Train a GPT, with the best weights at the end; resumes from the checkpoint of `key`."""
    torch.set_num_threads(params.threads)
    shape = params.model_dump(include={"block_size", "n_layer", "n_head", "n_embd", "dropout"})
    gpt = GPT(Config(**shape), vocabulary, torch.Generator().manual_seed(params.seed)).to(device)
    ids, validation = ids.to(device), validation.to(device)
    rates = params.model_dump(include={"muon_rate", "adam_rate", "weight_decay"})
    training = begin(gpt, ids, **rates)
    if saved := load_checkpoint(checkpoint, key):
        numbers, tensors = saved
        training.restore(numbers["step"], [(i, a, b) for i, a, b in numbers["curve"]], tensors)
        print(f"resuming after step {training.step}")

    recipe = params.model_dump(include={"steps", "warmup", "batch_size", "seed"})
    steps = train(training, ids, **recipe, rare=0.0)
    for _ in progress(steps, total=params.steps - training.step, title="training the GPT"):
        if training.step % params.evaluate_every and training.step < params.steps:
            continue
        training.evaluate(ids, validation)
        loss = training.curve[-1][2]
        if not math.isfinite(loss):
            raise InputError(
                f"{PARAMS}: a GPT on the known language: the loss is {loss} at step "
                f"{training.step}; lower muon_rate or adam_rate"
            )
        numbers = {"step": training.step, "curve": training.curve}
        save_checkpoint(checkpoint, key, numbers, training.tensors())
    training.gpt.load_state_dict(training.best)
    return training


@alone("train_language")
def main() -> None:
    params, device = load("train_language", Params), pick_device()
    table, arrays = read_bpe(), read_arrays("data/language.npz")
    parts = {name: torch.from_numpy(array) for name, array in arrays.items()}
    vocabulary = compact(table, parts["tokens"], parts["tokens"][:0])
    key = key_of(params, device, table, read_bytes("data/language.npz"))

    training = train_language(
        params, vocabulary, parts["train"], parts["validation"], device, CHECKPOINT, key
    )

    # half the digits are enough, and half the size: these weights are shipped
    write_bytes("models/language.safetensors", dump_gpt(training.gpt.cpu().half()))
    write_table("plots/train_language.csv", ["step", "train", "validation"], training.curve)
    CHECKPOINT.unlink()
    step, _, loss = min(training.curve, key=lambda row: row[2])
    print(f"validation loss {loss:.4f} nats per token, at step {step}")


if __name__ == "__main__":
    run(main)
