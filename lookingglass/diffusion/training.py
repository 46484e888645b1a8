"""Training a denoiser (exercise, 2.1.2): by the recommended recipe (2.2), and by ours."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import cast

import torch
from jaxtyping import Float, Int64
from torch import Tensor
from torch.nn.functional import mse_loss
from torch.optim.lr_scheduler import CosineAnnealingLR
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from lookingglass.diffusion.network import EdgeNetwork, PlainNetwork
from lookingglass.diffusion.schedule import Schedule
from lookingglass.diffusion.symmetry import random_symmetry

Draw = Callable[[torch.Generator], Float[Tensor, "n 2"]]
"""Draws the points of one training step."""


def train_plain(
    network: PlainNetwork,
    points: Float[Tensor, "n 2"],
    schedule: Schedule,
    *,
    epochs: int,
    learning_rate: float,
    generator: torch.Generator,
) -> Iterator[Float[Tensor, ""]]:
    """The exercise's recommended recipe (section 2.2): Adam, full batch, constant learning rate.

    `network` is trained in place. Yields each epoch's loss, the mean squared error in eps per
    dimension, before the step.
    """
    optimizer = torch.optim.Adam(network.parameters(), lr=learning_rate)
    for _ in range(epochs):
        eps = torch.randn(len(points), 2, generator=generator).to(points.device)
        t = torch.rand(len(points), generator=generator).to(points.device)
        sigma = schedule.sigma(t)
        x_t = points + sigma[:, None] * eps  # equation 4, with sigma for its misprinted sigma^2
        loss = mse_loss(network(x_t, sigma), eps)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        yield loss.detach()


@dataclass(frozen=True)
class TrainingState:
    """The state of training after `step` steps."""

    step: int
    loss: Float[Tensor, ""]
    """Mean squared error in eps, per dimension, on this step's batch, before the step."""
    denoiser: EdgeNetwork
    """The network with averaged weights, in evaluation mode; the same object in every state."""


def train(
    network: EdgeNetwork,
    points: Float[Tensor, "n 2"] | Draw,
    schedule: Schedule,
    *,
    steps: int,
    learning_rate: float,
    average: float,
    augment: bool = False,
    generator: torch.Generator,
    labels: Int64[Tensor, " n"] | None = None,
    label_dropout: float = 0.0,
) -> Iterator[TrainingState]:
    """Full-batch training with a falling learning rate and averaged weights.

    Every step sees each point once, with a newly drawn time and noise; instead of points there may
    be a function that draws a step's points. Adam(0.9, 0.99) with a cosine schedule from
    `learning_rate` to 0. The weights jitter around their mean, so the result is their exponential
    moving average, with a memory of about 1 / (1 - average) steps. With `augment` a step sees each
    point under a random one of the eight symmetries of a square around the origin: right only for
    data that has them. Yields after each step; `network` is trained in place.

    With `labels` in 0 ... network.classes - 1, the network learns to denoise given the class. In
    each step a label is hidden with probability `label_dropout`, so that the same network also
    learns to denoise without it (for classifier-free guidance: Ho and Salimans 2022, arXiv
    2207.12598, algorithm 1).
    """
    optimizer = torch.optim.Adam(network.parameters(), lr=learning_rate, betas=(0.9, 0.99))
    cosine = CosineAnnealingLR(optimizer, T_max=steps)
    averaged = AveragedModel(network, multi_avg_fn=get_ema_multi_avg_fn(average)).eval()
    for step in range(1, steps + 1):
        x_0 = points(generator) if callable(points) else points
        if augment:
            x_0 = random_symmetry(x_0, generator)
        t = torch.rand(len(x_0), generator=generator).to(x_0.device)
        eps = torch.randn(len(x_0), 2, generator=generator).to(x_0.device)
        sigma = schedule.sigma(t)
        x_t = x_0 + sigma[:, None] * eps  # equation 4, with sigma for its misprinted sigma^2
        given = None
        if labels is not None:
            hidden = torch.rand(len(x_0), generator=generator).to(x_0.device) < label_dropout
            given = torch.where(hidden, network.classes, labels)
        loss = mse_loss(network(x_t, sigma, given), eps)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        cosine.step()
        averaged.update_parameters(network)
        yield TrainingState(step, loss.detach(), cast(EdgeNetwork, averaged.module))
