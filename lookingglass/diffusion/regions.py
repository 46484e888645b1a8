"""Cutting the data's square into rectangles, the classes of a conditional model.

The exercise leaves the cut open (section 2.2.2, conditional). Rectangles are a good choice,
because the exact denoiser of each is known.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import torch
from jaxtyping import Float, Int64
from torch import Tensor


@dataclass(frozen=True)
class Region:
    """An axis-aligned rectangle between two corners.

    Raises ValueError unless each coordinate of `low` is below that of `high`.
    """

    low: tuple[float, float]
    high: tuple[float, float]

    def __post_init__(self) -> None:
        sides = [b - a for a, b in zip(self.low, self.high, strict=True)]
        if not all(math.isfinite(side) and side > 0 for side in sides):
            raise ValueError(f"the corner {self.low} is not below and left of {self.high}")

    @property
    def area(self) -> float:
        """Width times height."""
        return (self.high[0] - self.low[0]) * (self.high[1] - self.low[1])

    def covers(self, point: tuple[float, float]) -> bool:
        """Whether the point lies in the rectangle or on its edge."""
        return all(a <= p <= b for a, p, b in zip(self.low, point, self.high, strict=True))


def check_partition(regions: Sequence[Region], whole: Region) -> None:
    """Raise ValueError, with one line, unless the regions fill `whole` and do not overlap.

    Edges have to meet exactly: two regions that share one are given the same number.
    """
    for i, region in enumerate(regions):
        if not (whole.covers(region.low) and whole.covers(region.high)):
            raise ValueError(f"region {i} sticks out, from {region.low} to {region.high}")
    # all edges, prolonged, cut the whole into cells that no edge crosses: one point of each tells
    cuts = [
        sorted(
            {corner[axis] for region in [whole, *regions] for corner in (region.low, region.high)}
        )
        for axis in (0, 1)
    ]
    for left, right in pairwise(cuts[0]):
        for bottom, top in pairwise(cuts[1]):
            centre = ((left + right) / 2, (bottom + top) / 2)
            owners = [i for i, region in enumerate(regions) if region.covers(centre)]
            where = f"({centre[0]:.6g}, {centre[1]:.6g})"
            if not owners:
                raise ValueError(f"no region covers {where}")
            if len(owners) > 1:
                raise ValueError(f"regions {owners[0]} and {owners[1]} both cover {where}")


def classify(x: Float[Tensor, "n 2"], regions: Sequence[Region]) -> Int64[Tensor, " n"]:
    """The number of the region that each point lies in, the first on a shared edge; -1 for none."""
    label = torch.full((len(x),), -1, device=x.device)
    for i, region in reversed(list(enumerate(regions))):
        low, high = x.new_tensor(region.low), x.new_tensor(region.high)
        label[((x >= low) & (x <= high)).all(dim=1)] = i
    return label
