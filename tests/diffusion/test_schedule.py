import math

import pytest
import torch

from lookingglass.diffusion.schedule import (
    CosineSchedule,
    ExponentialSchedule,
    KarrasSchedule,
    Schedule,
)

LOW = math.exp(-5)
SCHEDULES = [
    ExponentialSchedule(),
    KarrasSchedule(LOW),
    KarrasSchedule(LOW, rho=1.0),
    CosineSchedule(LOW),
]
T = torch.linspace(0, 1, 11, dtype=torch.float64)

of_all = pytest.mark.parametrize("schedule", SCHEDULES)


@of_all
def test_ends(schedule: Schedule) -> None:
    sigma = schedule.sigma(T)
    assert float(sigma[0]) == pytest.approx(LOW)
    assert float(sigma[-1]) == pytest.approx(1)
    assert (schedule.sigma_min, schedule.sigma_max) == (float(sigma[0]), float(sigma[-1]))


@of_all
def test_sigma_dot_is_the_derivative(schedule: Schedule) -> None:
    t = T.clone().requires_grad_()
    (slope,) = torch.autograd.grad(schedule.sigma(t).sum(), t)
    torch.testing.assert_close(schedule.sigma_dot(T), slope)


@of_all
def test_time_of_inverts_sigma(schedule: Schedule) -> None:
    torch.testing.assert_close(schedule.time_of(schedule.sigma(T)), T, rtol=1e-9, atol=1e-12)


@of_all
def test_signal_to_noise(schedule: Schedule) -> None:
    torch.testing.assert_close(schedule.snr(T), 1 / schedule.sigma(T) ** 2)


def test_rho_1_is_linear_and_a_large_rho_exponential() -> None:
    torch.testing.assert_close(KarrasSchedule(LOW, rho=1.0).sigma(T), LOW + (1 - LOW) * T)
    torch.testing.assert_close(
        KarrasSchedule(LOW, rho=1e5).sigma(T), ExponentialSchedule().sigma(T), rtol=1e-3, atol=0
    )


def test_cosine_is_what_its_name_says() -> None:
    """The signal left after rescaling to unit variance is the cosine of an angle linear in t."""
    signal = (1 + CosineSchedule(LOW).sigma(T) ** 2).rsqrt()
    angle = torch.acos(signal)
    torch.testing.assert_close(angle.diff(), angle.diff()[:1].expand(10))


@pytest.mark.parametrize("ends", [(0.0, 1.0), (1.0, 1.0), (-1.0, 1.0), (0.1, math.inf)])
@pytest.mark.parametrize("kind", [KarrasSchedule, CosineSchedule])
def test_bad_ends(kind: type, ends: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="must be 0 < low < high, finite"):
        kind(*ends)


@pytest.mark.parametrize("rate", [0.0, -1.0, math.inf, math.nan])
def test_bad_rates(rate: float) -> None:
    with pytest.raises(ValueError, match="must be finite and greater than 0"):
        ExponentialSchedule(rate)
