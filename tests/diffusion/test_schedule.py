import math

import pytest
import torch

from lookingglass.diffusion.schedule import ExponentialSchedule

SCHEDULE = ExponentialSchedule()
T = torch.linspace(0, 1, 11, dtype=torch.float64)


def test_ends() -> None:
    sigma = SCHEDULE.sigma(T)
    assert float(sigma[0]) == pytest.approx(math.exp(-5))
    assert float(sigma[-1]) == 1


def test_sigma_dot_is_the_derivative() -> None:
    t = T.clone().requires_grad_()
    (slope,) = torch.autograd.grad(SCHEDULE.sigma(t).sum(), t)
    torch.testing.assert_close(SCHEDULE.sigma_dot(T), slope)


def test_time_of_inverts_sigma() -> None:
    torch.testing.assert_close(SCHEDULE.time_of(SCHEDULE.sigma(T)), T)


def test_signal_to_noise() -> None:
    torch.testing.assert_close(SCHEDULE.snr(T), 1 / SCHEDULE.sigma(T) ** 2)


@pytest.mark.parametrize("rate", [0.0, -1.0, math.inf, math.nan])
def test_bad_rates(rate: float) -> None:
    with pytest.raises(ValueError, match="must be finite and greater than 0"):
        ExponentialSchedule(rate)
