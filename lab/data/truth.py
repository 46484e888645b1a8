"""The truth that the models are held against: the square, or the user's own points themselves."""

from typing import Literal

import torch
from torch import Tensor

from lab.core.artifacts import read_arrays
from lab.data.origin import of_square
from lookingglass.diffusion.schedule import Schedule
from lookingglass.diffusion.truth import SQUARE, PointCloud, UniformBox

Prior = Literal["standard", "matched"]


def load_truth() -> UniformBox | PointCloud:
    """A UniformBox only where the points were drawn in it."""
    if of_square():
        return SQUARE
    return PointCloud(torch.from_numpy(read_arrays("data/points.npz")["points"]))


def draw_of(prior: Prior, z: Tensor, truth: UniformBox | PointCloud, schedule: Schedule) -> Tensor:
    """What z ~ N(0, I) is under a prior: itself, or scaled and shifted.

    The matched prior has the mean and the variance, in each coordinate, of the noised truth at
    t = 1; for the square it is N(0, 4/3 I).
    """
    if prior == "standard":
        return z
    return truth.prior_at(schedule).transform(z)
