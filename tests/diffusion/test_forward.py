"""The forward process: both ways of sampling it have the distribution of equation 4."""

import math

import pytest
import torch

from lookingglass.diffusion.forward import marginal, simulate
from lookingglass.diffusion.schedule import CosineSchedule, ExponentialSchedule, Schedule

X_0 = torch.tensor([[1.4, -1.2]], dtype=torch.float64)
N = 40_000
SCHEDULES = [ExponentialSchedule(), CosineSchedule(0.01)]


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize("process", [simulate, marginal])
def test_the_distribution_is_that_of_equation_4(process, schedule: Schedule) -> None:
    """With few steps and with many: within five standard errors of the moments of N(0, I)."""
    for steps in (4, 200):
        times = torch.linspace(0, 1, steps + 1, dtype=torch.float64)
        states = process(X_0.expand(N, 2), schedule, times, generator())
        for i in (0, steps // 4, steps // 2, steps):
            eps = (states[i] - X_0) / float(schedule.sigma(times[i]))
            assert eps.mean(dim=0).abs().max() < 5 / math.sqrt(N)
            assert eps.var(dim=0).tolist() == pytest.approx([1, 1], abs=5 * math.sqrt(2 / N))
            assert float(eps.prod(dim=1).mean()) == pytest.approx(0, abs=5 / math.sqrt(N))
            assert float(eps.pow(4).mean()) == pytest.approx(3, abs=5 * math.sqrt(48 / N))


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_the_variances_of_the_increments_add_up(schedule: Schedule) -> None:
    """Exactly, not on average: each increment divided by its noise gives its standard deviation."""
    times = torch.linspace(0, 1, 21, dtype=torch.float64)
    states = simulate(torch.zeros(1, 2).double(), schedule, times, generator())
    noise = torch.randn(21, 1, 2, generator=generator(), dtype=torch.float64)
    increments = torch.cat([states[:1], states.diff(dim=0)])
    variances = (increments / noise).square()[:, 0, 0]
    torch.testing.assert_close(variances.cumsum(dim=0), schedule.sigma(times) ** 2)


def test_a_trajectory_accumulates_noise_and_marginal_draws_do_not() -> None:
    """The covariance between two times is the variance at the earlier one, or 0."""
    times = torch.linspace(0, 1, 201, dtype=torch.float64)
    variance = float(SCHEDULES[0].sigma(times[150]) ** 2)
    for process, expected in ((simulate, variance), (marginal, 0.0)):
        states = process(X_0.expand(N, 2), SCHEDULES[0], times, generator()) - X_0
        assert float((states[150] * states[200]).mean()) == pytest.approx(expected, abs=0.01)


def test_same_generator_same_trajectory() -> None:
    times = torch.linspace(0, 1, 5)
    before = torch.get_rng_state()
    for process in (simulate, marginal):
        first, again = (process(X_0, SCHEDULES[0], times, generator()) for _ in range(2))
        assert first.shape == (5, 1, 2)
        assert torch.equal(first, again)
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize("times", [[1.0, 0.0], [0.0, 0.0], [-0.1, 1.0], [0.0, 1.1]])
def test_bad_times(times: list[float]) -> None:
    with pytest.raises(ValueError, match="in \\[0, 1\\] and rising"):
        simulate(X_0, SCHEDULES[0], torch.tensor(times), generator())
