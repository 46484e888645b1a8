"""How sharply classes meet: densities near the borders between the regions of the square.

Measurements are relative to a density that is uniform in each region. The area at each distance
from a border is measured on a fine grid.
"""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from lookingglass.diffusion.truth import SQUARE, UniformBox


def depth(x: Float[Tensor, "n 2"], region: UniformBox) -> Float[Tensor, " n"]:
    """Distance of each point to the inner borders of a region, negative outside the region.

    Inner borders are those with other regions, not the square's own edge. NaN outside the square.
    """
    sides, across = [], []
    for axis in (0, 1):
        low, high = x[:, axis] - region.low[axis], region.high[axis] - x[:, axis]
        sides += [low] if region.low[axis] != SQUARE.low[axis] else []
        sides += [high] if region.high[axis] != SQUARE.high[axis] else []
        across.append(torch.minimum(low, high).clamp(max=0))
    outside = torch.stack(across).norm(dim=0)
    signed = torch.where(outside > 0, -outside, torch.stack(sides).amin(dim=0))
    return torch.where(SQUARE.contains(x), signed, torch.nan)


def profile(
    samples: Float[Tensor, "regions n 2"],
    regions: Sequence[UniformBox],
    edges: Float[Tensor, " edges"],
) -> Float[Tensor, "regions bins"]:
    """The density of each region's samples by depth, in units of the true density.

    1 inside and 0 outside is perfect. `edges` are the edges of the depth bins.
    """
    grid = _grid()
    rows = []
    for x, region in zip(samples, regions, strict=True):
        counts = torch.histogram(depth(x, region).nan_to_num(-9), edges).hist / len(x)
        areas = torch.histogram(depth(grid, region), edges).hist * 4 / len(grid)
        rows.append(counts / (areas / region.area))
    return torch.stack(rows)


def near_border(
    x: Float[Tensor, "n 2"],
    weight: Float[Tensor, " n"],
    regions: Sequence[UniformBox],
    within: float,
) -> float:
    """The density of weighted points within `within` of an inner border, on either side.

    In units of the square's uniform density, so 1 is perfect.
    """

    def share(points: Tensor, weight: Tensor) -> Tensor:
        distances = torch.stack([depth(points, region).abs() for region in regions])
        near = distances.amin(dim=0) < within
        return (near * weight).sum() / weight.sum()

    grid = _grid()
    return float(share(x, weight) / share(grid, torch.ones(len(grid))))


def _grid(side: int = 1000) -> Tensor:
    """Points spread evenly over the square, to measure areas."""
    axis = (torch.arange(side) + 0.5) / side * 2 - 1
    return torch.cartesian_prod(axis, axis)
