"""Train a denoiser by our recipe, with progress."""

from typing import Annotated, Any

import torch
from pydantic import ConfigDict, Field
from torch import Tensor

from lab.core.params import Count, Section, Seed
from lab.core.progress import progress
from lookingglass.diffusion.network import EdgeNetwork
from lookingglass.diffusion.schedule import Schedule
from lookingglass.diffusion.training import Draw, train


class Recipe(Section):
    """Our recipe, whatever the points."""

    seed: Seed
    steps: Count
    learning_rate: Annotated[float, Field(gt=0, le=1)]
    average: Annotated[float, Field(ge=0, lt=1)]


class Shape(Section):
    """The size of the network, in the section of a stage that trains one like it."""

    model_config = ConfigDict(extra="ignore")

    width: Annotated[int, Field(ge=1, le=4096)]
    layers: Annotated[int, Field(ge=2, le=16)]


def train_to_end(
    network: EdgeNetwork,
    points: Tensor | Draw,
    schedule: Schedule,
    recipe: Recipe,
    generator: torch.Generator,
    *,
    title: str,
    **options: Any,
) -> tuple[EdgeNetwork, list[float]]:
    """The trained network, on the CPU, and the loss of every step; `options` are `train`'s."""
    torch.set_num_threads(1)  # with tensors this small, two threads are slower
    states = train(
        network,
        points,
        schedule,
        steps=recipe.steps,
        learning_rate=recipe.learning_rate,
        average=recipe.average,
        generator=generator,
        **options,
    )
    losses = []
    for state in progress(states, total=recipe.steps, title=title):
        losses.append(state.loss)
    return state.denoiser.cpu(), torch.stack(losses).tolist()
