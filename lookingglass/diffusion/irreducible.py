"""The irreducible (Bayes) loss, that of the exact denoiser: no denoiser has less.

In closed form for a box; by Monte Carlo for a cloud of points.
"""

from collections.abc import Mapping

import torch

from lookingglass.diffusion.excess import mean_loss_and_excess
from lookingglass.diffusion.schedule import Schedule
from lookingglass.diffusion.truth import PointCloud, UniformBox

Truth = UniformBox | PointCloud


def irreducible(truth: Truth, schedule: Schedule, *, draws: int, seed: int) -> float:
    """E |eps - eps*|^2 per dimension; draws and seed are those of Monte Carlo."""
    if isinstance(truth, UniformBox):
        return truth.bayes_loss(schedule)
    generator = torch.Generator().manual_seed(seed)
    return mean_loss_and_excess(truth.denoiser, truth, schedule, draws=draws, generator=generator)[
        0
    ]


def irreducible_by_class(
    truth: Truth,
    classes: Mapping[int, Truth],
    schedule: Schedule,
    *,
    label_dropout: float,
    draws: int,
    seed: int,
) -> float:
    """The irreducible loss with labels that are hidden at random, as in conditional training.

    With the label, the exact denoiser is that of the class; without, that of `truth`, the mixture
    of all classes.
    """
    with_label = sum(
        weight(class_truth) * irreducible(class_truth, schedule, draws=draws, seed=seed)
        for class_truth in classes.values()
    ) / sum(map(weight, classes.values()))
    without = irreducible(truth, schedule, draws=draws, seed=seed)
    return (1 - label_dropout) * with_label + label_dropout * without


def weight(truth: Truth) -> float:
    """A class's share of the data, up to a constant: its area, or the number of its points."""
    return float(len(truth.points)) if isinstance(truth, PointCloud) else truth.area
