"""Train the conditional denoiser (exercise 2.2.2, conditional, question 2)."""

from typing import Annotated

import torch
from pydantic import Field

from lab.core.artifacts import read_arrays, write_bytes, write_table
from lab.core.entry import run
from lab.core.params import Count, Section, Seed, load
from lab.data.schedule import load_schedule
from lab.training.device import pick_device
from lab.training.progress import progress
from lookingglass.diffusion.network import EdgeNetwork
from lookingglass.diffusion.training import train
from lookingglass.diffusion.weights import dump_denoiser


class Params(Section):
    seed: Seed
    steps: Count
    learning_rate: Annotated[float, Field(gt=0, le=1)]
    average: Annotated[float, Field(ge=0, lt=1)]
    width: Annotated[int, Field(ge=1, le=4096)]
    layers: Annotated[int, Field(ge=2, le=16)]
    embedding: Annotated[int, Field(ge=1, le=1024)]
    smooth: bool
    label_dropout: Annotated[float, Field(ge=0, lt=1)]


def main() -> None:
    params, schedule = load("train_conditional", Params), load_schedule()
    points = torch.from_numpy(read_arrays("data/points.npz")["points"])
    classes = read_arrays("data/classes.npz")
    labels = torch.from_numpy(classes["labels"])

    torch.set_num_threads(1)  # tensors this small are slower on two
    device = pick_device()
    generator = torch.Generator().manual_seed(params.seed)
    network = EdgeNetwork(
        schedule,
        data_std=float(points.square().mean().sqrt()),
        width=params.width,
        layers=params.layers,
        classes=len(classes["regions"]),
        embedding=params.embedding,
        smooth=params.smooth,
        generator=generator,
    )
    states = train(
        network.to(device),
        points.to(device),
        schedule,
        steps=params.steps,
        learning_rate=params.learning_rate,
        average=params.average,
        labels=labels.to(device),
        label_dropout=params.label_dropout,
        generator=generator,
    )
    losses = []
    for state in progress(states, total=params.steps, title="training the conditional denoiser"):
        losses.append(state.loss)

    write_bytes("models/conditional.safetensors", dump_denoiser(state.denoiser.cpu()))
    curve = enumerate(torch.stack(losses).tolist(), start=1)
    write_table("plots/train_conditional.csv", ["step", "loss"], curve)
    last = torch.stack(losses)[-100:]
    print(f"loss {last.mean():.4f} per dimension, mean of the last {len(last)} steps")


if __name__ == "__main__":
    run(main)
