"""Train the GPT (exercise 3.2.4, question 1).

A training that was killed goes on where it was. The step with the best validation loss is kept.
"""

import math
from collections.abc import Callable
from typing import Annotated, Any, Literal

import torch
from pydantic import Field, ValidationInfo, field_validator
from torch import Tensor

from lab.core.artifacts import read_arrays, read_bytes, write_bytes, write_table
from lab.core.entry import run
from lab.core.params import PARAMS, Count, Section, Seed, load
from lab.training.checkpoint import FOLDER, alone, key_of, load_checkpoint, save_checkpoint
from lab.training.device import pick_device
from lab.training.progress import progress
from lookingglass.errors import InputError
from lookingglass.gpt.model import GPT, Config
from lookingglass.gpt.training import (
    begin,
    block_loss,
    init_head_bias,
    scale_up_rare_embeddings,
    train,
)
from lookingglass.gpt.vocabulary import Vocabulary
from lookingglass.gpt.weights import dump_gpt

CHECKPOINT = FOLDER / "train_gpt.safetensors"

Save = Callable[[dict[str, Any], dict[str, Tensor]], None]
Checkpoint = tuple[dict[str, Any], dict[str, Tensor]]
Curve = list[tuple[int, float, float]]


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
    save: Save | None = None,
    checkpoint: Checkpoint | None = None,
) -> tuple[GPT, Curve]:
    """The GPT at its best, on the CPU, and its losses (step, training, validation).

    Losses are in nats per token over all of GPT-2's, without dropout, on the validation text and
    on as much of the training text. `save` is called after each evaluation, with what `checkpoint`
    must be to go on from there.
    """
    torch.set_num_threads(params.threads)
    shape = params.model_dump(include={"block_size", "n_layer", "n_head", "n_embd", "dropout"})
    gpt = GPT(Config(**shape), vocabulary, torch.Generator().manual_seed(params.seed)).to(device)
    ids, validation = ids.to(device), validation.to(device)
    init_head_bias(gpt, ids)
    scale_up_rare_embeddings(gpt, ids)
    training = begin(
        gpt,
        muon_rate=params.muon_rate,
        adam_rate=params.adam_rate,
        weight_decay=params.weight_decay,
    )
    curve: Curve = []
    best: dict[str, Tensor] = {}
    if checkpoint:
        numbers, tensors = checkpoint
        training.restore(numbers["step"], tensors)
        best = {k.removeprefix("best/"): t for k, t in tensors.items() if k.startswith("best/")}
        curve = [(step, a, b) for step, a, b in numbers["curve"]]
        print(f"going on after step {training.step}")

    steps = train(
        training,
        ids,
        steps=params.steps,
        warmup=params.warmup,
        batch_size=params.batch_size,
        rare=params.rare,
        seed=params.seed,
        bfloat16=params.precision == "bfloat16",
    )
    left = params.steps - training.step
    for _ in progress(steps, total=left, title="training the GPT"):
        if training.step % params.evaluate_every and training.step < params.steps:
            continue
        losses = block_loss(gpt, ids[: len(validation)]), block_loss(gpt, validation)
        if not all(map(math.isfinite, losses)):
            raise InputError(
                f"{PARAMS}: train_gpt: the loss is {losses[1]} at step {training.step}; "
                "lower muon_rate or adam_rate"
            )
        if losses[1] < min((loss for _, _, loss in curve), default=torch.inf):
            best = {name: tensor.clone() for name, tensor in gpt.state_dict().items()}
        curve.append((training.step, *losses))
        if save:
            kept = {f"best/{name}": tensor for name, tensor in best.items()}
            save({"step": training.step, "curve": curve}, training.tensors() | kept)
    gpt.load_state_dict(best)
    return gpt.cpu(), curve


@alone("train_gpt")
def main() -> None:
    params, device = load("train_gpt", Params), pick_device()
    table, tokens = read_bytes("data/gpt2.tiktoken"), read_arrays("data/tokens.npz")
    parts = {name: torch.from_numpy(array) for name, array in tokens.items()}
    vocabulary = Vocabulary(table, parts["rows"], parts["log_prior"])
    key = key_of(params, device, table, read_bytes("data/tokens.npz"))
    gpt, curve = train_gpt(
        params,
        vocabulary,
        parts["train"],
        parts["validation"],
        device,
        save=lambda numbers, tensors: save_checkpoint(CHECKPOINT, key, numbers, tensors),
        checkpoint=load_checkpoint(CHECKPOINT, key),
    )
    write_bytes("models/gpt.safetensors", dump_gpt(gpt))
    write_table("plots/train_gpt.csv", ["step", "train", "validation"], curve)
    CHECKPOINT.unlink()
    step, _, loss = min(curve, key=lambda row: row[2])
    print(f"validation loss {loss:.4f} nats per token, at step {step}")


if __name__ == "__main__":
    run(main)
