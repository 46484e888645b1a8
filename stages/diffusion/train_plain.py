"""Train with the exercise's recommended recipe, as a baseline (exercise 2.1.2 and 2.2)."""

from typing import Annotated

import torch
from pydantic import Field
from torch import Tensor

from lab.core.artifacts import read_arrays, write_bytes, write_table
from lab.core.entry import run
from lab.core.params import Count, Section, Seed, load
from lab.core.progress import progress
from lab.data.schedule import load_schedule
from lab.training.device import pick_device
from lookingglass.diffusion.network import PlainNetwork
from lookingglass.diffusion.schedule import ExponentialSchedule
from lookingglass.diffusion.training import train_plain
from lookingglass.diffusion.weights import dump_denoiser


class Params(Section):
    seed: Seed
    epochs: Count
    learning_rate: Annotated[float, Field(gt=0, le=1)]
    width: Annotated[int, Field(ge=1, le=4096)]
    layers: Annotated[int, Field(ge=2, le=16)]


def train_denoiser(
    params: Params, points: Tensor, schedule: ExponentialSchedule, device: torch.device
) -> tuple[PlainNetwork, list[float]]:
    """The trained network, on the CPU, and the loss of every epoch."""
    torch.set_num_threads(1)  # with tensors this small, two threads are slower
    generator = torch.Generator().manual_seed(params.seed)
    network = PlainNetwork(
        schedule, width=params.width, layers=params.layers, generator=generator
    ).to(device)
    epochs = train_plain(
        network,
        points.to(device),
        schedule,
        epochs=params.epochs,
        learning_rate=params.learning_rate,
        generator=generator,
    )
    losses = list(progress(epochs, total=params.epochs, title="training the baseline"))
    return network.cpu(), torch.stack(losses).tolist()


def main() -> None:
    params, schedule = load("train_plain", Params), load_schedule()
    points = torch.from_numpy(read_arrays("data/points.npz")["points"])
    denoiser, losses = train_denoiser(params, points, schedule, pick_device())
    write_bytes("models/plain.safetensors", dump_denoiser(denoiser))
    write_table("plots/train_plain.csv", ["step", "loss"], enumerate(losses, start=1))
    last = losses[-100:]
    print(f"loss {sum(last) / len(last):.4f} per dimension, mean of the last {len(last)} epochs")


if __name__ == "__main__":
    run(main)
