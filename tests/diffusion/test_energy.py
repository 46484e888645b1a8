"""The energy distance against brute force, and against its definition."""

import math

import numpy as np
import pytest
import torch
from torch import Tensor

from lookingglass.diffusion.energy import (
    energy_distance,
    mean_distance,
    mean_pair_distance,
    null_band,
)
from lookingglass.diffusion.truth import SQUARE, UniformBox

OBLONG = UniformBox((-0.5, -2.0), (1.5, 0.25))


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def quadrature(box: UniformBox) -> tuple[Tensor, Tensor]:
    """Points and weights that integrate over the box."""
    node, weight = np.polynomial.legendre.leggauss(60)
    axes = [(a + b) / 2 + (b - a) / 2 * node for a, b in zip(box.low, box.high, strict=True)]
    points = torch.cartesian_prod(*(torch.from_numpy(axis) for axis in axes))
    return points, torch.from_numpy(np.outer(weight, weight).ravel() / 4)


@pytest.mark.parametrize("box", [SQUARE, OBLONG])
def test_mean_distance_outside_by_quadrature(box: UniformBox) -> None:
    # outside the box the integrand is smooth, so quadrature is exact
    x = torch.tensor([[4.0, 5.5], [-3.0, 0.1], [0.2, 2.5], [-70.0, 0.0]], dtype=torch.float64)
    y, weight = quadrature(box)
    expected = torch.cdist(x, y, compute_mode="donot_use_mm_for_euclid_dist") @ weight
    torch.testing.assert_close(mean_distance(x, box), expected, rtol=1e-10, atol=0)


@pytest.mark.parametrize("box", [SQUARE, OBLONG])
def test_mean_distance_inside_is_a_mean_over_the_parts_around_the_point(box: UniformBox) -> None:
    point = (0.3, -0.4)
    x = torch.tensor([point], dtype=torch.float64)
    (left, bottom), (right, top) = box.low, box.high
    parts = [
        UniformBox((left, bottom), point),
        UniformBox((point[0], bottom), (right, point[1])),
        UniformBox((left, point[1]), (point[0], top)),
        UniformBox(point, (right, top)),
    ]
    total, area = 0.0, 0.0
    for part in parts:
        y, weight = quadrature(part)
        size = math.prod(b - a for a, b in zip(part.low, part.high, strict=True))
        total += size * float((y - x).norm(dim=1) @ weight)
        area += size
    assert float(mean_distance(x, box)) == pytest.approx(total / area, rel=1e-6)


def test_mean_distance_from_centre_and_corner() -> None:
    # classical: side times (sqrt 2 + asinh 1) / 6 from the centre, / 3 from a corner
    x = torch.tensor([[0.0, 0.0], [1.0, 1.0], [-1.0, 1.0]])
    corner = 2 * (math.sqrt(2) + math.asinh(1)) / 3
    assert mean_distance(x, SQUARE).tolist() == pytest.approx([corner / 2, corner, corner])


@pytest.mark.parametrize("box", [SQUARE, OBLONG])
def test_mean_pair_distance_is_the_mean_of_mean_distance(box: UniformBox) -> None:
    y, weight = quadrature(box)
    assert mean_pair_distance(box) == pytest.approx(float(mean_distance(y, box) @ weight), rel=1e-7)


def test_mean_pair_distance_of_the_unit_square() -> None:
    expected = (2 + math.sqrt(2) + 5 * math.asinh(1)) / 15  # square line picking
    unit = UniformBox((0.0, 0.0), (1.0, 1.0))
    assert mean_pair_distance(unit) == pytest.approx(expected, rel=1e-14)
    assert mean_pair_distance(SQUARE) == pytest.approx(2 * expected, rel=1e-14)


def test_against_a_large_sample() -> None:
    """Against the usual estimate: two samples, all pairs."""
    x = 0.8 * torch.randn(300, 2, generator=generator(1), dtype=torch.float64)
    y = SQUARE.sample(20_000, generator(2)).double()
    between, within = torch.cdist(x, y).mean(), torch.cdist(x, x).mean()
    n = len(y)
    # leaves out each y's distance of 0 to itself, which the true distribution does not have
    among = torch.pdist(y[:5000]).mean()
    expected = float(2 * between - within - among)
    assert energy_distance(x, SQUARE) == pytest.approx(expected, abs=4 / math.sqrt(n))
    assert energy_distance(x, SQUARE) > 0.02


def test_it_does_not_depend_on_how_pairs_are_grouped() -> None:
    x = torch.randn(1300, 2, generator=generator(), dtype=torch.float64)
    # a sum over i and j by hand; 1300 points make three groups
    pairs = 2 * float(torch.pdist(x).sum()) / len(x) ** 2
    by_hand = 2 * float(mean_distance(x, OBLONG).mean()) - pairs - mean_pair_distance(OBLONG)
    assert energy_distance(x, OBLONG) == pytest.approx(by_hand, rel=1e-10)


def test_a_finer_grid_is_nearer() -> None:
    distances = []
    for n in (4, 16, 64):
        axis = (torch.arange(n, dtype=torch.float64) + 0.5) / n * 2 - 1
        distances.append(energy_distance(torch.cartesian_prod(axis, axis), SQUARE))
    assert distances[0] > 4 * distances[1] > 16 * distances[2] > 0


def test_true_samples_lie_in_their_null_band() -> None:
    low, high = null_band(200, SQUARE, draws=400, generator=generator())
    # the mean is known, and lies between
    assert 0 < low < mean_pair_distance(SQUARE) / 200 < high
    new = [energy_distance(SQUARE.sample(200, generator(seed)), SQUARE) for seed in range(200)]
    inside = sum(low <= distance <= high for distance in new) / len(new)
    assert 0.9 <= inside <= 0.99
    assert sum(new) / len(new) == pytest.approx(mean_pair_distance(SQUARE) / 200, rel=0.15)
    assert energy_distance(0.8 * SQUARE.sample(200, generator()), SQUARE) > high
