"""Train the denoiser with all that the square's symmetries give (exercise 2.2.2, question 2).

The network and the points are those of train_diffusion. It also sees the points' images under the
symmetries and is averaged over them, and it trains for longer: what is left of its excess loss is
due to the network itself and to the points being finitely many. Your own points need not have the
symmetries, so for them it is left out.
"""

import torch
from torch import Tensor

from lab.core.artifacts import read_arrays, write_bytes, write_table
from lab.core.entry import run
from lab.core.params import load
from lab.data.origin import of_square, say_left_out
from lab.data.schedule import load_schedule
from lab.training.device import pick_device
from lab.training.diffusion import Recipe, Shape, train_to_end
from lookingglass.diffusion.network import EdgeNetwork
from lookingglass.diffusion.schedule import ExponentialSchedule
from lookingglass.diffusion.weights import dump_denoiser
from lookingglass.tensors import dump_tensors


class Params(Recipe):
    pass


def train_denoiser(
    params: Params,
    shape: Shape,
    points: Tensor,
    schedule: ExponentialSchedule,
    device: torch.device,
) -> tuple[EdgeNetwork, list[float]]:
    """The trained network, on the CPU, and the loss of every step."""
    generator = torch.Generator().manual_seed(params.seed)
    network = EdgeNetwork(
        schedule,
        data_std=float(points.square().mean().sqrt()),
        width=shape.width,
        layers=shape.layers,
        symmetric=True,
        generator=generator,
    )
    return train_to_end(
        network.to(device),
        points.to(device),
        schedule,
        params,
        generator,
        augment=True,
        title="training with symmetries",
    )


def main() -> None:
    params, shape = load("train_symmetric", Params), load("train_diffusion", Shape)
    schedule, losses = load_schedule(), list[float]()
    if of_square():
        points = torch.from_numpy(read_arrays("data/points.npz")["points"])
        denoiser, losses = train_denoiser(params, shape, points, schedule, pick_device())
        weights = dump_denoiser(denoiser)
    else:
        say_left_out("the training with symmetries")
        weights = dump_tensors("left out", {}, {})
    write_bytes("models/symmetric.safetensors", weights)
    write_table("plots/train_symmetric.csv", ["step", "loss"], enumerate(losses, start=1))


if __name__ == "__main__":
    run(main)
