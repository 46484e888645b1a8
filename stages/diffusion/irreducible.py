"""The loss of the exact denoiser, which no other has less than: what is left to learn is above it.

In closed form where the points are of the square; else by Monte Carlo, as the truth is then the
points themselves.
"""

from collections.abc import Mapping

import torch

from lookingglass.diffusion.excess import loss_and_excess
from lookingglass.diffusion.schedule import Schedule
from lookingglass.diffusion.truth import PointCloud, UniformBox

Truth = UniformBox | PointCloud


def irreducible(truth: Truth, schedule: Schedule, *, draws: int, seed: int) -> float:
    """E |eps - eps*|^2 per dimension, on fresh points; draws and seed are those of Monte Carlo."""
    if isinstance(truth, UniformBox):
        return truth.bayes_loss(schedule)
    generator = torch.Generator().manual_seed(seed)
    x_0 = truth.sample(draws, generator)
    sigma = schedule.sigma(torch.rand(draws, generator=generator))
    loss, _ = loss_and_excess(truth.denoiser, truth, x_0, sigma, generator=generator)
    return loss


def irreducible_by_class(
    truth: Truth,
    classes: Mapping[int, Truth],
    schedule: Schedule,
    *,
    label_dropout: float,
    draws: int,
    seed: int,
) -> float:
    """The same where the class is told, and hidden with a probability, as in training.

    Whoever knows the class knows its law; whoever does not, has all of them to reckon with, and
    these together are `truth`.
    """
    weights = {i: weight(law) for i, law in classes.items()}
    told = sum(
        weights[i] * irreducible(law, schedule, draws=draws, seed=seed)
        for i, law in classes.items()
    ) / sum(weights.values())
    hidden = irreducible(truth, schedule, draws=draws, seed=seed)
    return (1 - label_dropout) * told + label_dropout * hidden


def weight(law: Truth) -> float:
    """How much of the data a class has: its area, or the number of its points."""
    if isinstance(law, PointCloud):
        return len(law.points)
    return law.area
