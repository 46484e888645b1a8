"""Train the GPT (exercise 3.2.4, question 1).

A training that was killed resumes where it stopped. The weights with the lowest validation loss are
kept.
"""

from pathlib import Path
from typing import Annotated, Literal

import torch
from pydantic import Field

from lab.core.artifacts import read_arrays, read_bytes, write_bytes, write_table
from lab.core.entry import run
from lab.core.params import load
from lab.data.tokens import read_bpe
from lab.training.checkpoint import FOLDER, alone, key_of
from lab.training.device import pick_device
from lab.training.gpt import Ours, train_ours
from lookingglass.gpt.training import Training
from lookingglass.gpt.vocabulary import Vocabulary
from lookingglass.gpt.weights import dump_gpt

CHECKPOINT = FOLDER / "train_gpt.safetensors"


class Params(Ours):
    rare: Annotated[float, Field(ge=0, le=1)]
    precision: Literal["float32", "bfloat16"]


def train_on_the_book(params: Params, checkpoint: Path) -> Training:
    """A new GPT, trained on the training part; its owner deletes the checkpoint."""
    device = pick_device()
    table, tokens = read_bpe(), read_arrays("data/tokens.npz")
    parts = {name: torch.from_numpy(array) for name, array in tokens.items()}
    vocabulary = Vocabulary(table, parts["rows"], parts["log_prior"])
    key = key_of(params, device, table, read_bytes("data/tokens.npz"))

    return train_ours(
        params,
        vocabulary,
        parts["train"],
        parts["validation"],
        device,
        rare=params.rare,
        bfloat16=params.precision == "bfloat16",
        checkpoint=checkpoint,
        key=key,
        section="train_gpt",
    )


@alone("train_gpt")
def main() -> None:
    training = train_on_the_book(load("train_gpt", Params), CHECKPOINT)
    write_bytes("models/gpt.safetensors", dump_gpt(training.gpt.cpu()))
    write_table("plots/train_gpt.csv", ["step", "train", "validation"], training.curve)
    CHECKPOINT.unlink()


if __name__ == "__main__":
    run(main)
