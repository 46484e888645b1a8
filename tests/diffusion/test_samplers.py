"""Samplers against Algorithm 1 written out, and against a flow that can be solved by hand."""

import math

import pytest
import torch
from torch import Tensor

from lookingglass.diffusion.energy import energy_distance, mean_pair_distance
from lookingglass.diffusion.samplers import (
    algorithm_1,
    ancestral_step,
    flow,
    sample,
    uniform_times,
)
from lookingglass.diffusion.schedule import ExponentialSchedule, KarrasSchedule, Schedule
from lookingglass.diffusion.solvers import NFE, SOLVERS
from lookingglass.diffusion.truth import SQUARE

SCHEDULE = ExponentialSchedule()
SIGMA_MIN = math.exp(-SCHEDULE.rate)
STD = 0.6


def gaussian(x: Tensor, sigma: float | Tensor, label: Tensor | None = None) -> Tensor:
    """The exact denoiser of Gaussian data with standard deviation STD."""
    return sigma * x / (sigma**2 + STD**2)


def noise(n: int = 100, dtype: torch.dtype = torch.float64) -> Tensor:
    return torch.randn(n, 2, generator=torch.Generator().manual_seed(0), dtype=dtype)


@pytest.mark.parametrize("schedule", [SCHEDULE, KarrasSchedule(SIGMA_MIN)])
@pytest.mark.parametrize("steps", [1, 20])
def test_euler_is_algorithm_1(schedule: Schedule, steps: int) -> None:
    by_the_letter = algorithm_1(SQUARE.denoiser, schedule, noise(), steps)
    x = sample(SQUARE.denoiser, schedule, noise(), times=uniform_times(steps))
    torch.testing.assert_close(x, by_the_letter, rtol=1e-9, atol=1e-12)


def test_algorithm_1_by_hand() -> None:
    """For eps = 1 each update adds sigma_dot dt, at t = 1, 1/2 and 0."""
    x = algorithm_1(lambda x, sigma, label=None: torch.ones_like(x), SCHEDULE, noise(), 2)
    moved = -5 * (1 + math.exp(-2.5) + math.exp(-5)) / 2
    torch.testing.assert_close(x, noise() + moved)


@pytest.mark.parametrize("eta", [0.3, 1.0])
def test_an_ancestral_step_keeps_the_marginal_variance(eta: float) -> None:
    sigma = SCHEDULE.sigma(uniform_times(10))
    down, up = ancestral_step(sigma[:-1], sigma[1:], eta)
    torch.testing.assert_close(down**2 + up**2, sigma[1:] ** 2)
    assert (up > 0).all()
    assert (down < sigma[1:]).all()


def test_an_ancestral_step_without_eta_is_the_ode() -> None:
    sigma = SCHEDULE.sigma(uniform_times(10))
    down, up = ancestral_step(sigma[:-1], sigma[1:], 0.0)
    torch.testing.assert_close(down, sigma[1:])
    assert (up == 0).all()


@pytest.mark.parametrize(
    ("solver", "order"), [("euler", 1), ("ddim", 1), ("heun", 2), ("dpmpp_2m", 2), ("rk4", 4)]
)
@pytest.mark.parametrize("schedule", [SCHEDULE, KarrasSchedule(SIGMA_MIN)])
def test_order_of_convergence(schedule: Schedule, solver: str, order: int) -> None:
    z = noise()
    # dx = x sigma / (sigma^2 + STD^2) dsigma has this solution
    low = math.exp(-SCHEDULE.rate)
    exact = z * math.sqrt((low**2 + STD**2) / (1 + STD**2))
    errors = [
        float((state - exact).abs().max())
        for steps in (100, 200)
        for state in [
            list(flow(gaussian, schedule, z, times=uniform_times(steps), solver=solver))[-1]
        ]
    ]
    assert math.log2(errors[0] / errors[1]) == pytest.approx(order, abs=0.1)


def test_ddim_is_exact_where_eps_is_constant() -> None:
    def constant(x: Tensor, sigma: float | Tensor, label: Tensor | None = None) -> Tensor:
        return torch.full_like(x, 2.0)

    z = noise()
    x = sample(constant, SCHEDULE, z, times=uniform_times(3), solver="ddim")
    torch.testing.assert_close(x, z + 2 * (math.exp(-SCHEDULE.rate) - 1))


def test_dpmpp_2m_is_exact_where_the_denoised_point_is_constant() -> None:
    def to_a_point(x: Tensor, sigma: float | Tensor, label: Tensor | None = None) -> Tensor:
        return (x - 3.0) / sigma

    z = noise()
    x = sample(to_a_point, SCHEDULE, z, times=uniform_times(3), solver="dpmpp_2m")
    torch.testing.assert_close(x, 3.0 + (z - 3.0) * SIGMA_MIN)


@pytest.mark.parametrize("solver", SOLVERS)
def test_all_solvers_and_schedules_go_to_the_same_points(solver: str) -> None:
    z = noise(50)
    exact = sample(SQUARE.denoiser, SCHEDULE, z, times=uniform_times(300), solver="rk4")
    other = KarrasSchedule(math.exp(-SCHEDULE.rate))
    for schedule in (SCHEDULE, other):
        times = uniform_times(800 // NFE[solver])
        x = sample(SQUARE.denoiser, schedule, z, times=times, solver=solver)
        assert float((x - exact).abs().max()) < (1e-2 if solver in ("euler", "ddim") else 1e-3)


def test_24_evaluations_are_enough() -> None:
    z = noise(1000) * math.sqrt(4 / 3)
    exact = sample(SQUARE.denoiser, SCHEDULE, z, times=uniform_times(300), solver="rk4")
    x = sample(SQUARE.denoiser, SCHEDULE, z, times=uniform_times(24), solver="dpmpp_2m")
    assert float((x - exact).square().sum(dim=1).mean().sqrt()) < 1e-3


def chance(seed: int = 1) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("solver", ["ddim", "heun"])
@pytest.mark.parametrize("eta", [0.5, 1.0])
def test_eta_is_that_of_the_reverse_sde(solver: str, eta: float) -> None:
    """Regress the end on the start: E[x | z] and Var[x] of the linear SDE are known."""
    z = noise(100_000) * math.sqrt(1 + STD**2)  # the marginal at sigma = 1
    x = sample(
        gaussian,
        SCHEDULE,
        z,
        times=uniform_times(200),
        solver=solver,
        eta=eta,
        generator=chance(),
    )
    shrunk = (math.exp(-2 * SCHEDULE.rate) + STD**2) / (1 + STD**2)  # the variance's factor
    slope = float((x * z).sum() / (z * z).sum())
    # dE[x] / E[x] = (1 + eta^2) sigma / (sigma^2 + STD^2) dsigma
    assert slope == pytest.approx(shrunk ** ((1 + eta**2) / 2), abs=0.01)
    assert float(x.square().mean() / z.square().mean()) == pytest.approx(shrunk, rel=0.03)


@pytest.mark.parametrize("eta", [0.0, 0.5, 1.0])
def test_any_eta_keeps_the_distribution_of_the_square(eta: float) -> None:
    n, repeats, distances = 1000, 10, []
    for seed in range(repeats):
        generator = chance(seed)
        z = SQUARE.sample(n, generator) + torch.randn(n, 2, generator=generator)  # at sigma = 1
        x = sample(
            SQUARE.denoiser,
            SCHEDULE,
            z,
            times=uniform_times(50),
            solver="heun",
            eta=eta,
            generator=generator,
            final_denoise=True,
        )
        assert SQUARE.fraction_inside(x) > 0.99
        distances.append(energy_distance(x, SQUARE))
    # n true samples have this energy distance on average
    null = mean_pair_distance(SQUARE) / n
    assert sum(distances) / repeats == pytest.approx(null, rel=0.5)


def test_ddim_with_eta_1_is_the_posterior_of_one_point() -> None:
    """For data at the origin, p(x at sigma' | x at sigma) is a known Gaussian (DDPM's step)."""

    def origin(x: Tensor, sigma: float | Tensor, label: Tensor | None = None) -> Tensor:
        return x / sigma

    schedule = KarrasSchedule(0.5, 1.0)
    z = torch.full((200_000, 2), 3.0, dtype=torch.float64)
    options = {"times": uniform_times(1), "solver": "ddim", "eta": 1.0}
    x = sample(origin, schedule, z, **options, generator=chance())
    assert float(x.mean()) == pytest.approx(3.0 * 0.25, abs=3e-3)
    assert float(x.var()) == pytest.approx(0.25 * 0.75, rel=0.01)


def test_noise_comes_from_the_generator_alone() -> None:
    before = torch.get_rng_state()
    options = {"times": uniform_times(5), "eta": 1.0}
    first, again, other = (
        sample(SQUARE.denoiser, SCHEDULE, noise(), **options, generator=chance(seed))
        for seed in (1, 1, 2)
    )
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"eta": 0.5, "generator": None}, "needs a generator"),
        ({"eta": 0.5, "solver": "dpmpp_2m"}, "a solver other than dpmpp_2m"),
    ],
)
def test_bad_eta(options: dict[str, object], message: str) -> None:
    arguments = {"times": uniform_times(2), "generator": chance(), **options}
    with pytest.raises(ValueError, match=message):
        sample(gaussian, SCHEDULE, noise(), **arguments)


@pytest.mark.parametrize("final_denoise", [False, True])
@pytest.mark.parametrize("solver", SOLVERS)
def test_trajectory_ends_where_the_sample_is(solver: str, final_denoise: bool) -> None:
    z, times = noise(dtype=torch.float32), uniform_times(5)
    options = {"times": times, "solver": solver, "final_denoise": final_denoise}
    states = sample(SQUARE.denoiser, SCHEDULE, z, **options, trajectory=True)
    assert states.shape == (6, 100, 2)
    assert torch.equal(states[0], z)
    assert torch.equal(states[-1], sample(SQUARE.denoiser, SCHEDULE, z, **options))


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


def test_few_steps_of_algorithm_1_shrink_the_square() -> None:
    z = noise(2000)
    limit = sample(SQUARE.denoiser, SCHEDULE, z, times=uniform_times(100), solver="rk4").std()
    stds = [
        float(sample(SQUARE.denoiser, SCHEDULE, z, times=uniform_times(steps)).std() / limit)
        for steps in (5, 10, 20, 100)
    ]
    assert stds == sorted(stds)
    assert stds[0] < 0.5
    assert 0.97 < stds[-1] < 1


def test_nfe() -> None:
    calls = []

    def counting(x: Tensor, sigma: float | Tensor, label: Tensor | None = None) -> Tensor:
        calls.append(sigma)
        return gaussian(x, sigma)

    for solver, each in NFE.items():
        calls.clear()
        sample(counting, SCHEDULE, noise(), times=uniform_times(10), solver=solver)
        assert len(calls) == 10 * each + (solver == "euler"), solver
    assert list(NFE) == list(SOLVERS)


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
