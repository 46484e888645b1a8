"""Train with the exercise's own recipe, to compare (exercise 2.1.2, and 2.2's recommendations)."""

from typing import Annotated

import torch
from pydantic import Field

from lab.core.artifacts import read_arrays, write_bytes, write_table
from lab.core.entry import run
from lab.core.params import Count, Section, Seed, load
from lab.data.schedule import load_schedule
from lab.training.device import pick_device
from lab.training.progress import progress
from lookingglass.diffusion.network import PlainNetwork
from lookingglass.diffusion.training import train_plain
from lookingglass.diffusion.weights import dump_denoiser


class Params(Section):
    seed: Seed
    epochs: Count
    learning_rate: Annotated[float, Field(gt=0, le=1)]
    width: Annotated[int, Field(ge=1, le=4096)]
    layers: Annotated[int, Field(ge=2, le=16)]


def main() -> None:
    params, schedule, device = load("train_plain", Params), load_schedule(), pick_device()
    torch.set_num_threads(1)  # tensors this small are slower on two
    points = torch.from_numpy(read_arrays("data/points.npz")["points"]).to(device)

    generator = torch.Generator().manual_seed(params.seed)
    network = PlainNetwork(
        schedule, width=params.width, layers=params.layers, generator=generator
    ).to(device)
    epochs = train_plain(
        network,
        points,
        schedule,
        epochs=params.epochs,
        learning_rate=params.learning_rate,
        generator=generator,
    )
    losses = list(progress(epochs, total=params.epochs, title="training as asked"))

    write_bytes("models/plain.safetensors", dump_denoiser(network.cpu()))
    curve = torch.stack(losses).tolist()
    write_table("plots/train_plain.csv", ["step", "loss"], enumerate(curve, start=1))
    last = curve[-100:]
    print(f"loss {sum(last) / len(last):.4f} per dimension, mean of the last {len(last)} epochs")


if __name__ == "__main__":
    run(main)
