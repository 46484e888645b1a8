"""The prior that sampling starts from, with the mean and the variance of the noised truth."""

import math

import pytest
import torch

from lab.data.truth import draw_of
from lookingglass.diffusion.schedule import ExponentialSchedule
from lookingglass.diffusion.truth import SQUARE, PointCloud, UniformBox

SCHEDULE = ExponentialSchedule()
CLOUD = PointCloud(torch.tensor([[0.0, 1.0], [1.0, 1.0], [0.5, 1.0], [0.5, 1.0]]))


def noise(n: int) -> torch.Tensor:
    return torch.randn(n, 2, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("truth", [SQUARE, UniformBox((0.0, -3.0), (0.5, 1.0)), CLOUD])
def test_mean_and_variance_are_those_of_samples(truth: UniformBox | PointCloud) -> None:
    x = truth.sample(200_000, torch.Generator().manual_seed(1)).double()
    torch.testing.assert_close(truth.mean, x.mean(dim=0), atol=0.01, rtol=0)
    torch.testing.assert_close(truth.variance, x.var(dim=0), atol=0.01, rtol=0)


def test_the_standard_prior_is_the_noise_itself() -> None:
    z = noise(10)
    assert draw_of("standard", z, SQUARE, SCHEDULE) is z


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_matched_to_the_square_its_variance_is_four_thirds(dtype: torch.dtype) -> None:
    z = noise(10).to(dtype)
    torch.testing.assert_close(draw_of("matched", z, SQUARE, SCHEDULE), math.sqrt(4 / 3) * z)


def test_matched_to_points_it_has_their_mean_and_variance() -> None:
    z = noise(10)
    expected = torch.tensor([0.5, 1.0]) + z * torch.tensor([math.sqrt(1.125), 1.0])
    torch.testing.assert_close(draw_of("matched", z, CLOUD, SCHEDULE), expected)
