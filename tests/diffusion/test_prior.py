"""The prior that sampling starts from, with the mean and the variance of the noised truth."""

import math

import pytest
import torch

from lookingglass.diffusion.prior import STANDARD, by_class
from lookingglass.diffusion.schedule import ExponentialSchedule, KarrasSchedule, Schedule
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


@pytest.mark.parametrize("schedule", [SCHEDULE, KarrasSchedule(0.01, 3.0)])
@pytest.mark.parametrize("truth", [SQUARE, UniformBox((0.0, -3.0), (0.5, 1.0)), CLOUD])
def test_the_matched_prior_has_the_noised_datas_mean_and_variance(
    truth: UniformBox | PointCloud, schedule: Schedule
) -> None:
    generator = torch.Generator().manual_seed(1)
    x_0 = truth.sample(400_000, generator).double()
    sigma = schedule.sigma(torch.ones((), dtype=torch.float64))
    x_1 = x_0 + sigma * torch.randn(400_000, 2, generator=generator)
    prior = truth.prior_at(schedule)
    torch.testing.assert_close(prior.mean, x_1.mean(dim=0), atol=0.02, rtol=0)
    torch.testing.assert_close(prior.variance, x_1.var(dim=0), atol=0, rtol=0.01)
    torch.testing.assert_close(prior.variance, truth.variance + sigma**2)


def test_each_point_has_the_prior_of_its_class() -> None:
    priors = [box.prior_at(SCHEDULE) for box in (SQUARE, UniformBox((0.0, -3.0), (0.5, 1.0)))]
    label = torch.tensor([1, 0, 1])
    prior, z = by_class(priors, label), noise(3)
    for i, number in enumerate(label.tolist()):
        one = priors[number]
        torch.testing.assert_close(prior.transform(z)[i], one.transform(z[i : i + 1])[0])


def test_the_standard_prior_is_the_noise_itself() -> None:
    z = noise(10)
    assert torch.equal(STANDARD.transform(z), z)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_matched_to_the_square_its_variance_is_four_thirds(dtype: torch.dtype) -> None:
    z = noise(10).to(dtype)
    torch.testing.assert_close(SQUARE.prior_at(SCHEDULE).transform(z), math.sqrt(4 / 3) * z)


def test_matched_to_points_it_has_their_mean_and_variance() -> None:
    z = noise(10)
    expected = torch.tensor([0.5, 1.0]) + z * torch.tensor([math.sqrt(1.125), 1.0])
    torch.testing.assert_close(CLOUD.prior_at(SCHEDULE).transform(z), expected)
