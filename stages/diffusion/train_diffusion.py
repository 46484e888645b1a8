"""Train the unconditional denoiser (exercise 2.1.2; shown in 2.2.2, unconditional, question 2)."""

from typing import Annotated

import torch
from pydantic import Field
from torch import Tensor

from lab.core.artifacts import read_arrays, write_bytes, write_table
from lab.core.entry import run
from lab.core.params import PARAMS, load
from lab.data.origin import of_square
from lab.data.schedule import load_schedule
from lab.training.device import pick_device
from lab.training.diffusion import Recipe, train_to_end
from lookingglass.diffusion.network import EdgeNetwork
from lookingglass.diffusion.schedule import ExponentialSchedule
from lookingglass.diffusion.weights import dump_denoiser
from lookingglass.errors import InputError


class Params(Recipe):
    augment: bool
    symmetric: bool
    width: Annotated[int, Field(ge=1, le=4096)]
    layers: Annotated[int, Field(ge=2, le=16)]


def check_symmetric(symmetric: bool, *, square: bool) -> None:
    """Raise InputError for a symmetric network of points that need not have the symmetries."""
    if symmetric and not square:
        raise InputError(
            f"{PARAMS}: train_diffusion.symmetric = True: must be false for points of your own, "
            "which need not have the square's symmetries"
        )


def train_denoiser(
    params: Params, points: Tensor, schedule: ExponentialSchedule, device: torch.device
) -> tuple[EdgeNetwork, list[float]]:
    """The trained network, on the CPU, and the loss of every step."""
    generator = torch.Generator().manual_seed(params.seed)
    network = EdgeNetwork(
        schedule,
        data_std=float(points.square().mean().sqrt()),
        width=params.width,
        layers=params.layers,
        symmetric=params.symmetric,
        generator=generator,
    )
    return train_to_end(
        network.to(device),
        points.to(device),
        schedule,
        params,
        generator,
        augment=params.augment,
        title="training the denoiser",
    )


def main() -> None:
    params, schedule = load("train_diffusion", Params), load_schedule()
    check_symmetric(params.symmetric, square=of_square())
    points = torch.from_numpy(read_arrays("data/points.npz")["points"])
    denoiser, losses = train_denoiser(params, points, schedule, pick_device())
    write_bytes("models/diffusion.safetensors", dump_denoiser(denoiser))
    write_table("plots/train_diffusion.csv", ["step", "loss"], enumerate(losses, start=1))
    last = losses[-100:]
    print(f"loss {sum(last) / len(last):.4f} per dimension, mean of the last {len(last)} steps")


if __name__ == "__main__":
    run(main)
