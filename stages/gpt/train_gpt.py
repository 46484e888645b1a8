"""Train the GPT (exercise 3.2.4, question 1).

A training that was killed resumes where it stopped. The weights with the lowest validation loss are
kept. Several processes share each batch: started here, or by torchrun, on several machines, too.
"""

from pathlib import Path
from typing import Annotated, Literal

import torch
from pydantic import Field, ValidationInfo, field_validator

from lab.core.artifacts import digest, write_bytes, write_table
from lab.core.entry import run
from lab.core.params import load
from lab.data.tokens import read_bpe, read_tokens
from lab.training.checkpoint import FOLDER, key_of
from lab.training.device import pick_device
from lab.training.gpt import Ours, train_ours
from lab.training.parallel import one_voice, start_processes, together
from lookingglass.gpt.training import Training
from lookingglass.gpt.vocabulary import Vocabulary
from lookingglass.gpt.weights import dump_gpt
from lookingglass.gpt.world import World

CHECKPOINT = FOLDER / "train_gpt.safetensors"


class Params(Ours):
    rare: Annotated[float, Field(ge=0, le=1)]
    precision: Literal["float32", "bfloat16"]
    processes: Annotated[int, Field(ge=1, le=4096)]
    accumulate: Annotated[int, Field(ge=1, le=4096)]

    @field_validator("processes")
    @classmethod
    def _equal_shares(cls, processes: int, info: ValidationInfo) -> int:
        if (batch_size := info.data.get("batch_size", 0)) % processes:
            raise ValueError(f"a divisor of batch_size, {batch_size}")
        return processes

    @field_validator("accumulate")
    @classmethod
    def _equal_parts(cls, accumulate: int, info: ValidationInfo) -> int:
        share = info.data.get("batch_size", 0) // info.data.get("processes", 1)
        if share % accumulate:
            raise ValueError(f"a divisor of batch_size / processes, {share}")
        return accumulate


def train_on_the_book(
    params: Params, checkpoint: Path, device: torch.device, world: World
) -> Training:
    """A new GPT, trained on the training part; its owner deletes the checkpoint."""
    table, parts = read_bpe(), read_tokens("data/tokens.npz")
    vocabulary = Vocabulary(table, parts["rows"], parts["log_prior"])
    # a checkpoint also serves another number of processes
    any_layout = params.model_copy(update={"processes": 1, "accumulate": 1})
    key = key_of(any_layout, device, table, digest("data/tokens.npz"))

    return train_ours(
        params,
        vocabulary,
        parts["train"],
        parts["validation"],
        device,
        rare=params.rare,
        bfloat16=params.precision == "bfloat16",
        accumulate=params.accumulate,
        checkpoint=checkpoint,
        key=key,
        section="train_gpt",
        world=world,
    )


@one_voice()
def main() -> None:
    params = load("train_gpt", Params)
    if start_processes(params.processes, "stages.gpt.train_gpt"):
        return
    device = pick_device()
    with together("train_gpt", params.processes, device) as world:
        training = train_on_the_book(params, CHECKPOINT, device, world)
        if world.rank == 0:
            write_bytes("models/gpt.safetensors", dump_gpt(training.gpt.cpu()))
            write_table("plots/train_gpt.csv", ["step", "train", "validation"], training.curve)
            CHECKPOINT.unlink()


if __name__ == "__main__":
    run(main)
