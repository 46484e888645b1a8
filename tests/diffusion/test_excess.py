"""The excess loss of denoisers whose error is known."""

import math

import pytest
import torch
from torch import Tensor

from lookingglass.diffusion.denoiser import Denoiser
from lookingglass.diffusion.excess import excess_by_sigma, mean_loss_and_excess
from lookingglass.diffusion.schedule import ExponentialSchedule
from lookingglass.diffusion.truth import SQUARE, PointCloud

SCHEDULE = ExponentialSchedule()
N = 40_000


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def off_by_sigma(x: Tensor, sigma: float | Tensor, label: Tensor | None = None) -> Tensor:
    return SQUARE.denoiser(x, sigma) + torch.as_tensor(sigma).reshape(-1, 1)


def of_square(denoiser: Denoiser) -> tuple[float, float]:
    return mean_loss_and_excess(denoiser, SQUARE, SCHEDULE, draws=N, generator=generator())


def test_the_exact_denoiser_has_the_irreducible_loss_and_no_excess() -> None:
    loss, excess = of_square(SQUARE.denoiser)
    assert excess == 0
    assert loss == pytest.approx(SQUARE.bayes_loss(SCHEDULE), abs=4 / math.sqrt(2 * N))


def test_a_known_error() -> None:
    loss, excess = of_square(off_by_sigma)
    mean_square = (1 - math.exp(-10)) / 10  # of sigma, over t
    assert excess == pytest.approx(mean_square, rel=0.03)
    assert loss == pytest.approx(SQUARE.bayes_loss(SCHEDULE) + mean_square, abs=0.02)


def test_a_known_error_by_sigma() -> None:
    sigmas = torch.tensor([1.0, 0.1, 0.01])
    curve = excess_by_sigma(off_by_sigma, SQUARE, sigmas, draws=100, generator=generator())
    assert curve == pytest.approx([1.0, 1e-2, 1e-4], rel=1e-3)


def test_the_excess_is_what_the_loss_has_over_the_irreducible() -> None:
    cloud = PointCloud(SQUARE.sample(30, generator(1)))  # far from the square
    loss, excess = of_square(cloud.denoiser)
    assert loss - SQUARE.bayes_loss(SCHEDULE) == pytest.approx(excess, rel=0.05)


def test_a_perfect_fit_to_points_is_nearer_at_more_noise_and_with_more_points() -> None:
    sigmas = torch.tensor([1.0, 0.3, 0.1, 0.03])
    few, many = (
        excess_by_sigma(
            PointCloud(SQUARE.sample(n, generator(1))).denoiser,
            SQUARE,
            sigmas,
            draws=1000,
            generator=generator(),
        )
        for n in (100, 2000)
    )
    assert few == sorted(few)
    assert many == sorted(many)
    assert all(a > 3 * b for a, b in zip(few, many, strict=True))
