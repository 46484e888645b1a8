"""Train the same GPT on text drawn from the known language.

As train_gpt does, but no token is unknown: the vocabulary is closed. A training that was killed
resumes where it stopped. The weights with the lowest validation loss are kept.
"""

from pathlib import Path

import torch

from lab.core.artifacts import read_arrays, read_bytes, write_bytes, write_table
from lab.core.entry import run
from lab.core.params import load
from lab.data.tokens import read_bpe
from lab.training.checkpoint import FOLDER, alone, key_of
from lab.training.device import pick_device
from lab.training.gpt import Ours, train_ours
from lookingglass.gpt.training import Training
from lookingglass.gpt.vocabulary import compact
from lookingglass.gpt.weights import dump_gpt

CHECKPOINT = FOLDER / "train_language.safetensors"


class Params(Ours):
    pass


def train_on_the_language(params: Params, checkpoint: Path) -> Training:
    """A new GPT, trained on the training part; its owner deletes the checkpoint."""
    device = pick_device()
    table, arrays = read_bpe(), read_arrays("data/language.npz")
    parts = {name: torch.from_numpy(array) for name, array in arrays.items()}
    vocabulary = compact(table, parts["tokens"], parts["tokens"][:0])
    key = key_of(params, device, table, read_bytes("data/language.npz"))

    return train_ours(
        params,
        vocabulary,
        parts["train"],
        parts["validation"],
        device,
        checkpoint=checkpoint,
        key=key,
        section="train_language",
    )


def weights(training: Training) -> bytes:
    """What is kept: half the digits are enough, and half the size, since they are shipped."""
    return dump_gpt(training.gpt.cpu().half())


@alone("train_language")
def main() -> None:
    training = train_on_the_language(load("train_language", Params), CHECKPOINT)
    write_bytes("models/language.safetensors", weights(training))
    write_table("plots/train_language.csv", ["step", "train", "validation"], training.curve)
    CHECKPOINT.unlink()


if __name__ == "__main__":
    run(main)
