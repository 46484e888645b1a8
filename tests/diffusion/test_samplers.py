"""Samplers against Algorithm 1 written out, and against a flow that can be solved by hand."""

import math

import pytest
import torch
from torch import Tensor

from lookingglass.diffusion.samplers import SOLVERS, flow, sample, uniform_times
from lookingglass.diffusion.schedule import ExponentialSchedule
from lookingglass.diffusion.truth import SQUARE

SCHEDULE = ExponentialSchedule()
STD = 0.6


def gaussian(x: Tensor, sigma: float | Tensor, label: Tensor | None = None) -> Tensor:
    """The exact denoiser of Gaussian data with standard deviation STD."""
    return sigma * x / (sigma**2 + STD**2)


def noise(n: int = 100, dtype: torch.dtype = torch.float64) -> Tensor:
    return torch.randn(n, 2, generator=torch.Generator().manual_seed(0), dtype=dtype)


def test_euler_is_algorithm_1_by_the_letter() -> None:
    steps = 20
    dt = -1 / steps
    z = noise()
    for i in range(steps + 1):
        t = torch.tensor(1 + i * dt, dtype=torch.float64)
        sigma = SCHEDULE.sigma(t)
        eps = SQUARE.denoiser(z, sigma)
        x_0 = z - sigma * eps  # equation 8
        score = (x_0 - z) / sigma**2
        z = z + -SCHEDULE.sigma_dot(t) * sigma * score * dt  # equation 7
    ours = sample(SQUARE.denoiser, SCHEDULE, noise(), times=uniform_times(steps))
    torch.testing.assert_close(ours, z, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(("solver", "order"), [("euler", 1), ("ddim", 1), ("heun", 2)])
def test_order_of_convergence(solver: str, order: int) -> None:
    z = noise()
    # dx = x sigma / (sigma^2 + STD^2) dsigma has this solution
    low = math.exp(-SCHEDULE.rate)
    exact = z * math.sqrt((low**2 + STD**2) / (1 + STD**2))
    errors = [
        float((state - exact).abs().max())
        for steps in (100, 200)
        for state in [
            list(flow(gaussian, SCHEDULE, z, times=uniform_times(steps), solver=solver))[-1]
        ]
    ]
    assert math.log2(errors[0] / errors[1]) == pytest.approx(order, abs=0.1)


def test_ddim_is_exact_where_eps_is_constant() -> None:
    def constant(x: Tensor, sigma: float | Tensor, label: Tensor | None = None) -> Tensor:
        return torch.full_like(x, 2.0)

    z = noise()
    x = sample(constant, SCHEDULE, z, times=uniform_times(3), solver="ddim")
    torch.testing.assert_close(x, z + 2 * (math.exp(-SCHEDULE.rate) - 1))


@pytest.mark.parametrize("final_denoise", [False, True])
@pytest.mark.parametrize("solver", SOLVERS)
def test_trajectory_ends_where_the_sample_is(solver: str, final_denoise: bool) -> None:
    z, times = noise(dtype=torch.float32), uniform_times(5)
    options = {"times": times, "solver": solver, "final_denoise": final_denoise}
    path = sample(SQUARE.denoiser, SCHEDULE, z, **options, trajectory=True)
    assert path.shape == (6, 100, 2)
    assert torch.equal(path[0], z)
    assert torch.equal(path[-1], sample(SQUARE.denoiser, SCHEDULE, z, **options))


def test_final_denoise_is_equation_8() -> None:
    options = {"times": uniform_times(50), "solver": "ddim"}
    x = sample(SQUARE.denoiser, SCHEDULE, noise(), **options)
    denoised = sample(SQUARE.denoiser, SCHEDULE, noise(), **options, final_denoise=True)
    sigma = math.exp(-SCHEDULE.rate)
    torch.testing.assert_close(denoised, x - sigma * SQUARE.denoiser(x, sigma))


def test_the_exact_denoiser_samples_what_theory_says() -> None:
    # From N(0, I) rather than the true marginal N(0, 4/3 I), so the square comes out narrow.
    z = noise(20_000)
    x = sample(SQUARE.denoiser, SCHEDULE, z, times=uniform_times(200), solver="heun")
    assert float(x.std()) == pytest.approx(0.527, abs=0.005)
    assert 0.9965 < SQUARE.fraction_inside(x) < 0.9995


def test_evaluations() -> None:
    calls = []

    def counting(x: Tensor, sigma: float | Tensor, label: Tensor | None = None) -> Tensor:
        calls.append(sigma)
        return gaussian(x, sigma)

    for solver, expected in (("euler", 11), ("ddim", 10), ("heun", 20)):
        calls.clear()
        sample(counting, SCHEDULE, noise(), times=uniform_times(10), solver=solver)
        assert len(calls) == expected


def test_the_label_reaches_the_denoiser() -> None:
    label = torch.arange(100)

    def by_label(x: Tensor, sigma: float | Tensor, label: Tensor | None = None) -> Tensor:
        assert label is not None
        return label[:, None].to(x)

    for solver in SOLVERS:
        x = sample(
            by_label,
            SCHEDULE,
            torch.zeros(100, 2),
            times=uniform_times(4),
            solver=solver,
            label=label,
        )
        assert (x.diff(dim=0) < 0).all()


@pytest.mark.parametrize(
    "times", [[1.0], [0.0, 1.0], [1.0, 0.5, 0.5], [1.5, 0.0], [1.0, -0.1], [1.0, math.nan]]
)
def test_bad_times(times: list[float]) -> None:
    with pytest.raises(ValueError, match="in \\[0, 1\\] and falling"):
        sample(gaussian, SCHEDULE, noise(), times=torch.tensor(times))


def test_unknown_solver() -> None:
    with pytest.raises(ValueError, match="must be one of euler, ddim, heun"):
        sample(gaussian, SCHEDULE, noise(), times=uniform_times(2), solver="verlet")
