"""Train a GPT: our recipe, and any recipe with progress, evaluations and checkpoints."""

import math
from pathlib import Path
from typing import Annotated, Any

import torch
from pydantic import AfterValidator, Field, ValidationInfo
from torch import Tensor

from lab.core.params import PARAMS, Count, Section, Seed
from lab.core.progress import progress
from lab.training.checkpoint import load_checkpoint, save_checkpoint
from lookingglass.errors import InputError
from lookingglass.gpt.beginning import begin
from lookingglass.gpt.model import GPT, Config
from lookingglass.gpt.training import Training, train
from lookingglass.gpt.vocabulary import Vocabulary
from lookingglass.gpt.world import ALONE, World


def _divisible(n_embd: int, info: ValidationInfo) -> int:
    n_head = info.data.get("n_head", n_embd)
    if n_embd % n_head:
        raise ValueError(f"a multiple of n_head, {n_head}")
    return n_embd


Width = Annotated[int, Field(ge=8, le=1600), AfterValidator(_divisible)]
"""n_embd, in a section with n_head."""


class Common(Section):
    """What every recipe has, ours and the standard one."""

    seed: Seed
    block_size: Annotated[int, Field(ge=8, le=1024)]
    n_layer: Annotated[int, Field(ge=1, le=48)]
    n_head: Annotated[int, Field(ge=1, le=64)]
    dropout: Annotated[float, Field(ge=0, lt=0.9)]
    warmup: Annotated[int, Field(ge=0)]
    batch_size: Annotated[int, Field(ge=1, le=4096)]
    weight_decay: Annotated[float, Field(ge=0, le=10)]
    evaluate_every: Count
    threads: Annotated[int, Field(ge=1, le=256)]


class Recipe(Common):
    """Our recipe, for a GPT of any width and any number of steps."""

    muon_rate: Annotated[float, Field(gt=0, le=1)]
    adam_rate: Annotated[float, Field(gt=0, le=1)]


class Ours(Recipe):
    """Our recipe."""

    n_embd: Width
    steps: Count


def train_ours(
    params: Ours,
    vocabulary: Vocabulary,
    ids: Tensor,
    validation: Tensor,
    device: torch.device,
    *,
    rare: float = 0.0,
    bfloat16: bool = False,
    accumulate: int = 1,
    checkpoint: Path,
    key: str,
    section: str,
    world: World = ALONE,
) -> Training:
    """A new GPT, trained by our recipe as `train_to_end` does."""
    torch.set_num_threads(params.threads)
    shape = params.model_dump(include={"block_size", "n_layer", "n_head", "n_embd", "dropout"})
    gpt = GPT(Config(**shape), vocabulary, torch.Generator().manual_seed(params.seed)).to(device)
    validation = validation.to(device)
    rates = params.model_dump(include={"muon_rate", "adam_rate", "weight_decay"})
    recipe = params.model_dump(include={"steps", "warmup", "batch_size", "seed"})
    training = begin(gpt, ids, **rates)
    train_to_end(
        training,
        ids,
        validation,
        recipe | {"rare": rare, "bfloat16": bfloat16, "accumulate": accumulate},
        evaluate_every=params.evaluate_every,
        checkpoint=checkpoint,
        key=key,
        section=section,
        world=world,
    )
    return training


def train_to_end(
    training: Training,
    ids: Tensor,
    validation: Tensor,
    recipe: dict[str, Any],
    *,
    evaluate_every: int,
    checkpoint: Path,
    key: str,
    section: str,
    world: World = ALONE,
) -> None:
    """Resume from the checkpoint of `key`, if there is one; at the end, take the best weights.

    `recipe` has the arguments of `train`. The checkpoint is left, for its owner to delete when what
    was trained is safe; of several processes, the first one reads and writes it. Raises InputError,
    naming the section of the parameters, for a loss that is not finite, and for processes that do
    not have the same `key`.
    """
    if len(set(world.of_all(key))) > 1:
        raise InputError(
            f"{section}: the processes do not have the same parameters, inputs and code; bring "
            "all machines to the same commit, and run 'dvc repro tokens' on each"
        )
    layout = f"{world.size} x {recipe.get('accumulate', 1)}"
    if saved := world.of_first(load_checkpoint(checkpoint, key) if world.rank == 0 else None):
        numbers, tensors = saved
        training.restore(numbers["step"], [(i, a, b) for i, a, b in numbers["curve"]], tensors)
        print(f"resuming after step {training.step}")
        if numbers["layout"] != layout:
            print(
                f"these steps were taken by {numbers['layout']} (processes x accumulate), the rest "
                f"by {layout}: the last digits will be those of neither"
            )
    steps, last = train(training, ids, **recipe, world=world), recipe["steps"]
    for _ in progress(steps, total=last - training.step, title="training the GPT"):
        if training.step % evaluate_every and training.step < last:
            continue
        training.evaluate(ids, validation)
        loss = training.curve[-1][2]
        if not math.isfinite(loss):
            raise InputError(
                f"{PARAMS}: {section}: the loss is {loss} at step {training.step}; "
                "lower its learning rates"
            )
        if world.rank == 0:
            numbers = {"step": training.step, "curve": training.curve, "layout": layout}
            save_checkpoint(checkpoint, key, numbers, training.tensors())
    training.gpt.load_state_dict(training.best)
    step, _, loss = min(training.curve, key=lambda row: row[2])
    print(f"validation loss {loss:.4f} nats per token, at step {step}")
