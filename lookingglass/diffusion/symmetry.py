"""The eight symmetries of a square around the origin: its axes swapped or not, then any signs.

As signed permutation matrices g they are orthogonal, so that the inverse of x -> g x is its
transpose. If the data have them, the exact denoiser has them, too: eps*(g x) = g eps*(x).
"""

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor

SYMMETRIES = torch.tensor(
    [
        [[a * s, b * s], [b * t, a * t]]
        for a, b in ((1.0, 0.0), (0.0, 1.0))
        for s in (1.0, -1.0)
        for t in (1.0, -1.0)
    ]
)
"""The eight matrices g, (8, 2, 2)."""


def random_symmetry(
    points: Float[Tensor, "n 2"], generator: torch.Generator
) -> Float[Tensor, "n 2"]:
    """Each point under a random symmetry of the square, all eight being equally likely."""
    drawn = torch.randint(len(SYMMETRIES), (len(points),), generator=generator)
    matrices = SYMMETRIES[drawn].to(points)
    return (matrices @ points[:, :, None]).squeeze(2)


def symmetrised(field: Callable[[Tensor], Tensor], x: Float[Tensor, "n 2"]) -> Float[Tensor, "n 2"]:
    """The mean over the symmetries g of g^-1 field(g x), which has them: f(h x) = h f(x).

    Since the exact field is its own mean, the squared error of the mean is at most the mean
    squared error over the eight images of x.
    """
    return torch.stack([field(x @ g.T) @ g for g in SYMMETRIES.to(x)]).mean(dim=0)
