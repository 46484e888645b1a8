"""The ground truth of each class: its region, or those of your own points that lie in it."""

import torch

from lab.core.artifacts import read_arrays
from lab.data.origin import of_square
from lookingglass.diffusion.truth import PointCloud, UniformBox


def load_class_truths(regions: list[UniformBox]) -> dict[int, UniformBox | PointCloud]:
    """The distribution of each class, by its number; a class without points has none."""
    if of_square():
        return dict(enumerate(regions))
    points = torch.from_numpy(read_arrays("data/points.npz")["points"])
    labels = torch.from_numpy(read_arrays("data/classes.npz")["labels"])
    return {int(i): PointCloud(points[labels == i]) for i in labels.unique()}
