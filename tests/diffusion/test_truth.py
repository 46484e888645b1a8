"""The exact truth against its definition, and against 60-digit arithmetic."""

import math
from itertools import pairwise

import mpmath
import numpy as np
import pytest
import torch
from torch import Tensor

from lookingglass.diffusion.schedule import ExponentialSchedule
from lookingglass.diffusion.truth import SQUARE, UniformBox

SIGMA_MIN = math.exp(-5)
BOX = UniformBox((-0.5, -2.0), (1.5, 0.25))


@pytest.mark.parametrize("sigma", [SIGMA_MIN, 0.1, 1.0])
@pytest.mark.parametrize("box", [SQUARE, BOX])
def test_density_integrates_to_one(box: UniformBox, sigma: float) -> None:
    node, weight = np.polynomial.legendre.leggauss(400)
    reach = 12 * sigma
    axes, weights = [], []
    for low, high in zip(box.low, box.high, strict=True):
        # panels with ends around each edge, where the density changes
        ends = sorted({low - reach, low, low + reach, high - reach, high, high + reach})
        pairs = list(pairwise(ends))
        axes.append(np.concatenate([(a + b) / 2 + (b - a) / 2 * node for a, b in pairs]))
        weights.append(np.concatenate([(b - a) / 2 * weight for a, b in pairs]))
    x = torch.cartesian_prod(*(torch.from_numpy(a) for a in axes))
    w = torch.from_numpy(np.outer(*weights).ravel())
    assert float(w @ box.log_density(x, sigma).exp()) == pytest.approx(1, abs=1e-9)


@pytest.mark.parametrize("sigma", [SIGMA_MIN, 0.1, 1.0, 30.0])
@pytest.mark.parametrize("box", [SQUARE, BOX])
def test_denoiser_is_minus_sigma_times_the_score(box: UniformBox, sigma: float) -> None:
    x = torch.randn(2000, 2, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    x = (x * 3).requires_grad_()
    (score,) = torch.autograd.grad(box.log_density(x, sigma).sum(), x)
    torch.testing.assert_close(
        box.denoiser(x.detach(), sigma), -sigma * score, rtol=1e-9, atol=1e-9
    )


def test_denoiser_has_the_right_slope_at_the_centre() -> None:
    x = torch.zeros(1, 2, dtype=torch.float64, requires_grad=True)
    (slope,) = torch.autograd.grad(SQUARE.denoiser(x, 0.5).sum(), x)
    step = torch.full((1, 2), 1e-5, dtype=torch.float64)
    difference = (SQUARE.denoiser(step, 0.5) - SQUARE.denoiser(-step, 0.5)) / 2e-5
    torch.testing.assert_close(slope, difference, rtol=1e-6, atol=0)


def reference(x: float, sigma: float, low: float, high: float) -> tuple[float, float]:
    """log p and eps* of one coordinate, straight from the formulas."""
    with mpmath.workdps(60):
        # far outside, the mass is exp(-10^8): mirroring x to one side keeps the digits of erfc
        sign = -1 if x < (low + high) / 2 else 1
        offset, half = sign * (mpmath.mpf(x) - (low + high) / 2), mpmath.mpf(high - low) / 2
        u, v = (-half - offset) / mpmath.mpf(sigma), (half - offset) / mpmath.mpf(sigma)
        mass = (mpmath.erfc(-v / mpmath.sqrt(2)) - mpmath.erfc(-u / mpmath.sqrt(2))) / 2
        eps = sign * (mpmath.npdf(v) - mpmath.npdf(u)) / mass
        return float(mpmath.log(mass / (high - low))), float(eps)


@pytest.mark.parametrize("sigma", [SIGMA_MIN, 0.05, 1.0, 100.0])
@pytest.mark.parametrize(
    "point", [(100.0, -100.0), (4.0, 5.5), (1.0, -1.0), (1.01, 0.999), (0.3, -0.7), (1e-9, 0.0)]
)
@pytest.mark.parametrize("box", [SQUARE, BOX])
def test_agrees_with_sixty_digits(
    box: UniformBox, point: tuple[float, float], sigma: float
) -> None:
    x = torch.tensor([point], dtype=torch.float64)
    expected = [
        reference(*args) for args in zip(point, (sigma, sigma), box.low, box.high, strict=True)
    ]
    log_density, eps = box.log_density(x, sigma), box.denoiser(x, sigma)
    assert float(log_density) == pytest.approx(sum(log_p for log_p, _ in expected), rel=1e-11)
    for value, (_, exact) in zip(eps[0].tolist(), expected, strict=True):
        assert value == pytest.approx(exact, rel=1e-9, abs=1e-12)


def test_irreducible_loss() -> None:
    schedule = ExponentialSchedule()
    assert SQUARE.bayes_loss(schedule) == pytest.approx(0.827317, abs=1e-6)


def test_irreducible_loss_of_an_oblong_box_by_monte_carlo() -> None:
    schedule, n = ExponentialSchedule(3.0), 400_000
    generator = torch.Generator().manual_seed(0)
    sigma = schedule.sigma(torch.rand(n, generator=generator))
    eps = torch.randn(n, 2, generator=generator)
    x = BOX.sample(n, generator) + sigma[:, None] * eps
    error = (BOX.denoiser(x, sigma) - eps).square().mean(dim=1)
    spread = float(error.std()) / math.sqrt(n)
    assert BOX.bayes_loss(schedule) == pytest.approx(float(error.mean()), abs=4 * spread)


def test_samples_fill_the_box() -> None:
    x = BOX.sample(100_000, torch.Generator().manual_seed(0))
    assert BOX.fraction_inside(x) == 1
    assert SQUARE.fraction_inside(x) < 1
    low, high = torch.tensor(BOX.low), torch.tensor(BOX.high)
    unit = (x - low) / (high - low)
    torch.testing.assert_close(unit.mean(dim=0), torch.full((2,), 0.5), atol=5e-3, rtol=0)
    torch.testing.assert_close(unit.var(dim=0), torch.full((2,), 1 / 12), atol=2e-3, rtol=0)


def test_one_noise_level_for_all_or_one_for_each() -> None:
    x = torch.randn(5, 2, generator=torch.Generator().manual_seed(0))
    each: Tensor = torch.full((5,), 0.3)
    torch.testing.assert_close(SQUARE.denoiser(x, 0.3), SQUARE.denoiser(x, each))
    torch.testing.assert_close(SQUARE.log_density(x, 0.3), SQUARE.log_density(x, torch.tensor(0.3)))
    assert SQUARE.denoiser(x, 0.3).dtype == torch.float32


def test_an_empty_box_is_refused() -> None:
    with pytest.raises(ValueError, match="low must be below high"):
        UniformBox((0.0, 0.0), (1.0, 0.0))
