"""The truth of each class: its rectangle, or those of the user's own points that lie in it."""

import torch

from lab.core.artifacts import read_arrays
from lab.data.origin import of_square
from lookingglass.diffusion.truth import PointCloud, UniformBox


def load_class_truths(regions: list[UniformBox]) -> dict[int, UniformBox | PointCloud]:
    """By the class's number. A class in which no point of the user's lies has none."""
    if of_square():
        return dict(enumerate(regions))
    points = torch.from_numpy(read_arrays("data/points.npz")["points"])
    labels = torch.from_numpy(read_arrays("data/classes.npz")["labels"])
    return {int(i): PointCloud(points[labels == i]) for i in labels.unique()}
