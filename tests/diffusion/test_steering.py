"""Forcing a point: what each method does, and what it must cost with the exact denoiser."""

import math
from functools import partial

import pytest
import torch
from torch import Tensor

from lookingglass.diffusion.denoiser import Denoiser
from lookingglass.diffusion.samplers import sample, uniform_times
from lookingglass.diffusion.schedule import ExponentialSchedule
from lookingglass.diffusion.steering import (
    Process,
    descend,
    guided,
    hold,
    invert,
    last_noise,
    log10_improbability,
    minimum_norm,
    replace_denoised,
    straight,
)
from lookingglass.diffusion.truth import SQUARE

SCHEDULE = ExponentialSchedule()
STEPS = 60
LEVELS = SCHEDULE.sigma(uniform_times(STEPS))
TARGET = torch.tensor([[4.0, 5.5]], dtype=torch.float64)
SDE = Process(SQUARE.denoiser, LEVELS)
FLOW = Process(SQUARE.denoiser, LEVELS, eta=0.0)


def draw(seed: int = 0, steps: int = STEPS) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(steps + 1, 2, generator=generator, dtype=torch.float64)


def normal(std: float) -> Denoiser:
    """The exact denoiser of data N(0, std^2 I)."""

    def denoiser(x: Tensor, sigma: float | Tensor, label: Tensor | None = None) -> Tensor:
        level = torch.as_tensor(sigma, dtype=x.dtype).reshape(-1, 1)
        return level * x / (level**2 + std**2)

    return denoiser


def away(trajectory: Tensor) -> float:
    return float((trajectory[-1] - TARGET[0]).norm())


def least(process: Process, noise: Tensor, iterations: int) -> Tensor:
    *_, found = minimum_norm(process, noise, TARGET, iterations=iterations)
    return found


def test_without_noise_it_is_ddim() -> None:
    times = uniform_times(STEPS)
    trajectory = sample(
        SQUARE.denoiser, SCHEDULE, draw()[:1], times=times, solver="ddim", trajectory=True
    )
    torch.testing.assert_close(FLOW.run(draw()), trajectory[:, 0])


def test_the_sde_samples_the_data() -> None:
    """For data N(0, s^2), from the marginal at t = 1, the output follows N(0, s^2 + sigma_0^2)."""
    # every state is linear in the noise, so its variance is the sum of the squared coefficients
    process = Process(normal(0.6), SCHEDULE.sigma(uniform_times(2000)))
    factors = process.jacobian(torch.zeros(2001, 2, dtype=torch.float64))[:, 0, 0]
    factors[0] *= math.sqrt(1 + 0.6**2)  # the exact start is wider than N(0, 1)
    assert float(factors.square().sum()) == pytest.approx(0.6**2 + math.exp(-10), rel=4e-3)


def test_noise_and_trajectory_determine_each_other() -> None:
    torch.testing.assert_close(SDE.noise_of(SDE.run(draw())), draw(), rtol=1e-8, atol=1e-8)


def mixing(x: Tensor, sigma: float | Tensor, label: Tensor | None = None) -> Tensor:
    """A denoiser whose Jacobians at two points do not commute, as a box's do."""
    level = torch.as_tensor(sigma, dtype=x.dtype).reshape(-1, 1)
    return torch.sin(x @ torch.tensor([[0.3, 1.0], [-0.6, 0.2]]).double() + level)


@pytest.mark.parametrize("process", [SDE, FLOW, Process(mixing, LEVELS)])
def test_jacobian_is_the_derivative(process: Process) -> None:
    noise = draw(1)
    jacobian = process.jacobian(process.run(noise))
    step = 1e-6
    for k in (0, 1, STEPS // 2, STEPS):
        for axis in (0, 1):
            moved = noise.clone()
            moved[k, axis] += step
            slope = (process.run(moved)[-1] - process.run(noise)[-1]) / step
            torch.testing.assert_close(jacobian[k, :, axis], slope, rtol=1e-3, atol=1e-6)


def test_methods_that_reach_it() -> None:
    for noise in (
        hold(SDE, TARGET),
        straight(SDE, draw()[:1], TARGET),
        last_noise(SDE, draw(), TARGET),
    ):
        assert away(SDE.run(noise)) < 1e-9
    assert torch.equal(last_noise(SDE, draw(), TARGET)[:-1], draw()[:-1])
    # to within the remaining noise
    assert away(replace_denoised(SDE, draw(), TARGET)) < 5 * math.exp(-5)


def test_methods_that_fail_with_the_exact_denoiser() -> None:
    """Its denoised points never leave the square, so no gradient leads out of it."""
    assert away(SDE.run(draw())) > 4
    assert away(SDE.run(torch.cat([TARGET, draw()[1:]]))) > 4
    assert away(guided(SDE, draw(), TARGET, 0.3)) > 4
    *_, found = descend(FLOW, draw(), TARGET, rate=0.3, iterations=20)
    assert away(FLOW.run(found)) > 4
    assert torch.equal(found[1:], draw()[1:])


def test_descent_and_guidance_come_closer() -> None:
    """Where the target is reachable, they must: data N(0, 4 I) is wide enough."""
    flow, sde = Process(normal(2), LEVELS, eta=0.0), Process(normal(2), LEVELS)
    *_, found = descend(flow, draw(), TARGET, rate=0.5, iterations=60)
    assert away(flow.run(found)) < 0.3 < away(flow.run(draw()))
    assert away(guided(sde, draw(), TARGET, 0.3)) < 0.6 * away(sde.run(draw()))


def test_the_flow_inverted() -> None:
    inverted = invert(FLOW, TARGET)
    assert away(FLOW.run(inverted)) < 1
    found = least(FLOW, inverted, 8)
    assert away(FLOW.run(found)) < 1e-9
    assert (found[1:] == 0).all()


def test_the_least_noise_is_least() -> None:
    found = least(SDE, hold(SDE, TARGET), 12)
    assert away(SDE.run(found)) < 1e-6
    assert float(found.norm()) < float(hold(SDE, TARGET).norm())
    # at a minimum, no change of the noise that keeps the output can shorten it
    jacobian = SDE.jacobian(SDE.run(found)).permute(1, 0, 2).flatten(1)
    keeps = torch.linalg.lstsq(jacobian.T, found.flatten()[:, None])
    rest = found.flatten() - (jacobian.T @ keeps.solution).flatten()
    assert float(rest.norm()) < 1e-6 * float(found.norm())


@pytest.mark.slow
def test_the_least_noise_costs_what_the_point_is_improbable() -> None:
    """sqrt(-2 log p) = 802.7 for (4, 5.5), at the exercise's T = 1000."""
    process = Process(SQUARE.denoiser, SCHEDULE.sigma(uniform_times(1000)))
    found = least(process, hold(process, TARGET), 12)
    assert away(process.run(found)) < 1e-6
    price = math.sqrt(-2 * float(SQUARE.log_density(TARGET, math.exp(-5))))
    assert price == pytest.approx(802.7, abs=0.05)
    assert float(found.norm()) == pytest.approx(price, rel=1e-3)


@pytest.mark.parametrize(("norm", "dimensions"), [(0.5, 2), (3.0, 2), (12.0, 100), (9.0, 100)])
def test_improbability(norm: float, dimensions: int) -> None:
    # chi squared's tail is, by definition, the regularised upper incomplete gamma function
    tail = torch.special.gammaincc(
        torch.tensor(dimensions / 2, dtype=torch.float64),
        torch.tensor(norm**2 / 2, dtype=torch.float64),
    )
    assert log10_improbability(norm, dimensions) == pytest.approx(math.log10(float(tail)), abs=1e-9)


def test_improbability_far_out() -> None:
    tail = partial(log10_improbability, dimensions=2)
    assert tail(800.0) == pytest.approx(-(800**2) / 2 / math.log(10))
    assert tail(0.0) == 0
