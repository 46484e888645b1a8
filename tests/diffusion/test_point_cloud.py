"""The exact truth for a finite set of points, against its definition."""

import math

import pytest
import torch

from lookingglass.diffusion.samplers import sample, uniform_times
from lookingglass.diffusion.schedule import ExponentialSchedule
from lookingglass.diffusion.truth import SQUARE, PointCloud

SIGMA_MIN = math.exp(-5)
CLOUD = PointCloud(SQUARE.sample(40, torch.Generator().manual_seed(0)))


def noise(n: int) -> torch.Tensor:
    return torch.randn(n, 2, generator=torch.Generator().manual_seed(1), dtype=torch.float64)


def test_one_point_is_a_gaussian() -> None:
    cloud, x, sigma = PointCloud(torch.tensor([[0.5, -1.0]])), noise(1500), 0.3
    away = x - torch.tensor([0.5, -1.0])
    torch.testing.assert_close(cloud.denoiser(x, sigma), away / sigma)
    expected = -away.square().sum(dim=1) / (2 * sigma**2) - math.log(2 * math.pi * sigma**2)
    torch.testing.assert_close(cloud.log_density(x, sigma), expected)


@pytest.mark.parametrize("sigma", [SIGMA_MIN, 0.1, 1.0])
def test_density_is_the_mean_of_the_points_gaussians(sigma: float) -> None:
    near = CLOUD.points.double() + sigma * noise(40)
    each = torch.stack([PointCloud(point[None]).log_density(near, sigma) for point in CLOUD.points])
    expected = torch.logsumexp(each, dim=0) - math.log(40)
    torch.testing.assert_close(CLOUD.log_density(near, sigma), expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("sigma", [SIGMA_MIN, 0.1, 1.0, 30.0])
def test_denoiser_is_minus_sigma_times_the_score(sigma: float) -> None:
    x = (noise(3000) * 3).requires_grad_()  # more than one chunk
    (score,) = torch.autograd.grad(CLOUD.log_density(x, sigma).sum(), x)
    torch.testing.assert_close(
        CLOUD.denoiser(x.detach(), sigma), -sigma * score, rtol=1e-7, atol=1e-7
    )


def test_a_large_cloud_is_the_square() -> None:
    cloud = PointCloud(SQUARE.sample(200_000, torch.Generator().manual_seed(2)))
    x = noise(20) / 2
    torch.testing.assert_close(cloud.denoiser(x, 0.4), SQUARE.denoiser(x, 0.4), atol=0.01, rtol=0)
    torch.testing.assert_close(
        cloud.log_density(x, 0.4), SQUARE.log_density(x, 0.4), atol=0.01, rtol=0
    )


def test_sampling_with_it_gives_the_points_back() -> None:
    schedule = ExponentialSchedule()
    x = sample(
        CLOUD.denoiser,
        schedule,
        noise(200),
        times=uniform_times(100),
        solver="dpmpp_2m",
        final_denoise=True,
    )
    nearest = torch.cdist(x, CLOUD.points.double()).min(dim=1).values
    assert float(nearest.max()) < SIGMA_MIN / 2


def test_samples_are_the_points() -> None:
    drawn = CLOUD.sample(2000, torch.Generator().manual_seed(3))
    assert {tuple(row) for row in drawn.tolist()} == {tuple(row) for row in CLOUD.points.tolist()}


def test_one_noise_level_for_all_or_one_for_each() -> None:
    x = noise(5).float()
    torch.testing.assert_close(CLOUD.denoiser(x, 0.3), CLOUD.denoiser(x, torch.full((5,), 0.3)))
    torch.testing.assert_close(
        CLOUD.log_density(x, 0.3), CLOUD.log_density(x, torch.full((5,), 0.3))
    )
    assert CLOUD.denoiser(x, 0.3).dtype == torch.float32


@pytest.mark.parametrize("points", [torch.zeros(0, 2), torch.tensor([[0.0, math.nan]])])
def test_bad_points(points: torch.Tensor) -> None:
    with pytest.raises(ValueError, match="at least one, all finite"):
        PointCloud(points)
