"""The energy distance of a sample to the uniform distribution in a box, without a second sample.

The energy distance of a sample X to a distribution Y (Szekely and Rizzo 2013, "Energy
statistics", equation 5, their squared D) is

    2 E|X - Y| - E|X - X'| - E|Y - Y'|,

never negative, and 0 only if both distributions are the same. For Y uniform in a box, E|x - Y| and
E|Y - Y'| have closed forms; E|X - X'| is a sum over pairs of points.
"""

import math

import torch
from jaxtyping import Float, Float64
from torch import Tensor

from lookingglass.diffusion.truth import UniformBox

FEW = 250
ROWS = 512  # of the matrix of pairs, at a time: 4 MB for each thousand points


def mean_distance(x: Float[Tensor, "n 2"], box: UniformBox) -> Float64[Tensor, " n"]:
    """E|x - Y| for each point x, in or outside the box, and Y uniform in it; in x's units."""
    low, high = (x.new_tensor(corner, dtype=torch.float64) for corner in (box.low, box.high))
    (left, bottom), (right, top) = (low - x.double()).T, (high - x.double()).T
    integral = _corner(right, top) - _corner(left, top) - _corner(right, bottom)
    return (integral + _corner(left, bottom)) / (high - low).prod()


def mean_pair_distance(box: UniformBox) -> float:
    """E|Y - Y'| for Y and Y' uniform in the box; 0.5214 in a square of side 1.

    Mathai, Moschopoulos and Pederzoli 1999, "Random points associated with rectangles".
    """
    a, b = (high - low for low, high in zip(box.low, box.high, strict=True))
    d = math.hypot(a, b)
    straight = a**3 / b**2 + b**3 / a**2 + d * (3 - a**2 / b**2 - b**2 / a**2)
    return (straight + 2.5 * (b**2 / a * math.asinh(a / b) + a**2 / b * math.asinh(b / a))) / 15


def energy_distance(x: Float[Tensor, "n 2"], box: UniformBox) -> float:
    """The energy distance of a sample to the uniform distribution in the box; >= 0, in x's units.

    For a true sample of n points it is not 0 but E|Y - Y'| / n on average; see `null_band`.
    """
    pairs = _sum_of_pairs(x.double()) / len(x) ** 2
    return 2 * float(mean_distance(x, box).mean()) - pairs - mean_pair_distance(box)


def null_band(
    n: int, box: UniformBox, *, draws: int, generator: torch.Generator
) -> tuple[float, float]:
    """The 2.5 % and 97.5 % quantiles of the energy distance of true samples of n points.

    Each is drawn with at most FEW points: n times the distance has the same distribution for all
    large n (Szekely and Rizzo 2013, section 4), and FEW is large enough.
    """
    few = min(n, FEW)
    distances = [energy_distance(box.sample(few, generator), box) for _ in range(draws)]
    quantiles = torch.tensor(distances).quantile(torch.tensor([0.025, 0.975]))
    low, high = (quantiles * few / n).tolist()
    return low, high


def _sum_of_pairs(x: Tensor) -> float:
    """The sum of |x_i - x_j| over all i and j."""
    total = 0.0
    for start in range(0, len(x), ROWS):
        rows, rest = x[start : start + ROWS], x[start + ROWS :]
        # multiplying the squares out would be faster, but inaccurate for close points
        total += float(torch.cdist(rows, rows, compute_mode="donot_use_mm_for_euclid_dist").sum())
        total += 2 * float(
            torch.cdist(rows, rest, compute_mode="donot_use_mm_for_euclid_dist").sum()
        )
    return total


def _corner(a: Tensor, b: Tensor) -> Tensor:
    """The integral of sqrt(u^2 + v^2) over u from 0 to a and v from 0 to b, odd in both."""
    tiny = 1e-30  # makes the term 0 at a = 0, where it would be 0 times infinity
    wedge_a = a**3 * torch.asinh(b / a.abs().clamp(min=tiny))
    wedge_b = b**3 * torch.asinh(a / b.abs().clamp(min=tiny))
    return (2 * a * b * torch.hypot(a, b) + wedge_a + wedge_b) / 6
