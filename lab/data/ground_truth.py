"""The ground truth that models are compared with: the square, or your own points themselves."""

import torch

from lab.core.artifacts import read_arrays
from lab.data.origin import of_square
from lookingglass.diffusion.truth import SQUARE, PointCloud, UniformBox


def load_truth() -> UniformBox | PointCloud:
    """The distribution of the points; a PointCloud unless they were drawn in the square."""
    if of_square():
        return SQUARE
    return PointCloud(torch.from_numpy(read_arrays("data/points.npz")["points"]))
