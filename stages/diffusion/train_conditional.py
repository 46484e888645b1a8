"""Train the conditional denoiser (exercise 2.2.2, conditional, question 2)."""

from typing import Annotated

import torch
from pydantic import Field
from torch import Tensor

from lab.core.artifacts import read_arrays, write_bytes, write_table
from lab.core.entry import run
from lab.core.params import load
from lab.data.schedule import load_schedule
from lab.training.device import pick_device
from lab.training.diffusion import Recipe, train_to_end
from lookingglass.diffusion.network import EdgeNetwork
from lookingglass.diffusion.schedule import ExponentialSchedule
from lookingglass.diffusion.weights import dump_denoiser


class Params(Recipe):
    width: Annotated[int, Field(ge=1, le=4096)]
    layers: Annotated[int, Field(ge=2, le=16)]
    embedding: Annotated[int, Field(ge=1, le=1024)]
    smooth: bool
    label_dropout: Annotated[float, Field(ge=0, lt=1)]


def train_denoiser(
    params: Params,
    points: Tensor,
    labels: Tensor,
    classes: int,
    schedule: ExponentialSchedule,
    device: torch.device,
) -> tuple[EdgeNetwork, list[float]]:
    """The trained network, on the CPU, and the loss of every step."""
    generator = torch.Generator().manual_seed(params.seed)
    network = EdgeNetwork(
        schedule,
        data_std=float(points.square().mean().sqrt()),
        width=params.width,
        layers=params.layers,
        classes=classes,
        embedding=params.embedding,
        smooth=params.smooth,
        generator=generator,
    )
    return train_to_end(
        network.to(device),
        points.to(device),
        schedule,
        params,
        generator,
        labels=labels.to(device),
        label_dropout=params.label_dropout,
        title="training the conditional denoiser",
    )


def main() -> None:
    params, schedule = load("train_conditional", Params), load_schedule()
    points = torch.from_numpy(read_arrays("data/points.npz")["points"])
    classes = read_arrays("data/classes.npz")
    labels, n_classes = torch.from_numpy(classes["labels"]), len(classes["regions"])
    denoiser, losses = train_denoiser(params, points, labels, n_classes, schedule, pick_device())
    write_bytes("models/conditional.safetensors", dump_denoiser(denoiser))
    write_table("plots/train_conditional.csv", ["step", "loss"], enumerate(losses, start=1))
    last = losses[-100:]
    print(f"loss {sum(last) / len(last):.4f} per dimension, mean of the last {len(last)} steps")


if __name__ == "__main__":
    run(main)
