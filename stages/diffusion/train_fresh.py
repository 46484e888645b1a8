"""Train the denoiser on newly drawn points in every step (exercise 2.2.2, question 2).

No data set has that many points. The network is that of train_diffusion, averaged over the square's
symmetries: what is left of its excess loss is due to the network itself. New draws of your own
points are not to be had, so for them it is left out.
"""

from typing import Annotated

import torch
from pydantic import Field

from lab.core.artifacts import write_bytes, write_table
from lab.core.entry import run
from lab.core.params import load
from lab.data.origin import of_square, say_left_out
from lab.data.schedule import load_schedule
from lab.training.device import pick_device
from lab.training.diffusion import Recipe, Shape, train_to_end
from lookingglass.diffusion.network import EdgeNetwork
from lookingglass.diffusion.schedule import ExponentialSchedule
from lookingglass.diffusion.truth import SQUARE
from lookingglass.diffusion.weights import dump_denoiser
from lookingglass.tensors import dump_tensors


class Params(Recipe):
    points: Annotated[int, Field(ge=1, le=1_000_000)]


def train_denoiser(
    params: Params, shape: Shape, schedule: ExponentialSchedule, device: torch.device
) -> tuple[EdgeNetwork, list[float]]:
    """The trained network, on the CPU, and the loss of every step."""
    generator = torch.Generator().manual_seed(params.seed)
    network = EdgeNetwork(
        schedule,
        data_std=float(SQUARE.variance.mean().sqrt()),
        width=shape.width,
        layers=shape.layers,
        symmetric=True,
        generator=generator,
    )
    return train_to_end(
        network.to(device),
        lambda generator: SQUARE.sample(params.points, generator).to(device),
        schedule,
        params,
        generator,
        title="training on new points",
    )


def main() -> None:
    params, shape = load("train_fresh", Params), load("train_diffusion", Shape)
    schedule, losses = load_schedule(), list[float]()
    if of_square():
        denoiser, losses = train_denoiser(params, shape, schedule, pick_device())
        weights = dump_denoiser(denoiser)
    else:
        say_left_out("the training on new points")
        weights = dump_tensors("left out", {}, {})
    write_bytes("models/fresh.safetensors", weights)
    write_table("plots/train_fresh.csv", ["step", "loss"], enumerate(losses, start=1))


if __name__ == "__main__":
    run(main)
