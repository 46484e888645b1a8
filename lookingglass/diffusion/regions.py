"""Cutting the data's square into boxes, the classes of a conditional model.

The exercise leaves the cut open (section 2.2.2, conditional). Boxes are a good choice, because the
exact denoiser of each is known.
"""

from collections.abc import Sequence
from itertools import pairwise

import torch
from jaxtyping import Float, Int64
from torch import Tensor

from lookingglass.diffusion.truth import UniformBox


def check_partition(regions: Sequence[UniformBox], whole: UniformBox) -> None:
    """Raise ValueError, with one line, unless the regions fill `whole` without overlap.

    Edges have to meet exactly: two regions that share one are given the same number.
    """
    for i, region in enumerate(regions):
        if not whole.contains(torch.tensor([region.low, region.high], dtype=torch.float64)).all():
            raise ValueError(f"region {i} sticks out, from {region.low} to {region.high}")
    # all edges, extended, cut the whole into cells that no edge crosses: one point of each decides
    x, y = (
        sorted({corner[axis] for box in [whole, *regions] for corner in (box.low, box.high)})
        for axis in (0, 1)
    )
    for left, right in pairwise(x):
        for bottom, top in pairwise(y):
            centre = torch.tensor([[(left + right) / 2, (bottom + top) / 2]], dtype=torch.float64)
            owners = [i for i, region in enumerate(regions) if region.contains(centre)]
            where = "({:.6g}, {:.6g})".format(*centre[0].tolist())
            if not owners:
                raise ValueError(f"no region covers {where}")
            if len(owners) > 1:
                raise ValueError(f"regions {owners[0]} and {owners[1]} both cover {where}")


def classify(x: Float[Tensor, "n 2"], regions: Sequence[UniformBox]) -> Int64[Tensor, " n"]:
    """The index of the region that each point lies in: the first on a shared edge, -1 for none."""
    label = torch.full((len(x),), -1, device=x.device)
    for i, region in reversed(list(enumerate(regions))):
        label[region.contains(x)] = i
    return label
