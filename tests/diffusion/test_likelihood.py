"""Log-probabilities with exact denoisers, against the closed form."""

import math
from pathlib import Path

import pytest
import torch
from torch import Tensor

from lab.core.params import load
from lookingglass.diffusion.class_truth import ClassTruth
from lookingglass.diffusion.likelihood import elbo, flow_log_density
from lookingglass.diffusion.prior import STANDARD, GaussianPrior
from lookingglass.diffusion.schedule import ExponentialSchedule
from lookingglass.diffusion.truth import SQUARE, UniformBox
from lookingglass.errors import InputError
from stages.diffusion.likelihood import Params, split
from tests.conftest import ROOT
from tests.diffusion.test_regions import PINWHEEL

SCHEDULE = ExponentialSchedule()
SIGMA_0 = math.exp(-5)
MATCHED = SQUARE.prior_at(SCHEDULE)
# at least 0.05 from an edge
INSIDE = torch.tensor([[0.0, 0.0], [0.5, -0.3], [0.95, 0.2], [-0.95, 0.95]], dtype=torch.float64)
OUTSIDE = torch.tensor([[1.0, 0.0], [1.02, 0.5], [-1.05, 1.03], [0.3, -1.1]], dtype=torch.float64)
HALVES = ClassTruth([UniformBox((-1.0, -1.0), (0.0, 1.0)), UniformBox((0.0, -1.0), (1.0, 1.0))])


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def square_log_prior(z: Tensor) -> Tensor:
    return SQUARE.log_density(z, 1.0)


def test_the_full_elbo_is_the_smoothed_truth_inside() -> None:
    bound = elbo(
        INSIDE, SQUARE.denoiser, SCHEDULE, generator=generator(), draws=2**16, prior=MATCHED
    )
    assert (bound.standard_error < 3e-3).all()
    truth = SQUARE.log_density(INSIDE, SIGMA_0)
    torch.testing.assert_close(bound.total, truth, atol=1e-2, rtol=0)


def test_outside_the_elbo_is_the_truth_averaged_over_the_noise_left() -> None:
    noise = torch.randn(200_000, 2, generator=generator(1), dtype=torch.float64)
    averaged = torch.stack(
        [SQUARE.log_density(x + SIGMA_0 * noise, SIGMA_0).mean() for x in OUTSIDE]
    )
    bound = elbo(
        OUTSIDE, SQUARE.denoiser, SCHEDULE, generator=generator(), draws=2**17, prior=MATCHED
    )
    torch.testing.assert_close(bound.total, averaged, atol=2e-2, rtol=1e-3)


@pytest.mark.parametrize(("steps", "loss"), [(1000, 0.038), (100, 0.39)])
def test_finite_steps_cost_something(steps: int, loss: float) -> None:
    options = {"draws": 2**14, "prior": MATCHED}
    limit = elbo(INSIDE, SQUARE.denoiser, SCHEDULE, generator=generator(), **options)
    finite = elbo(INSIDE, SQUARE.denoiser, SCHEDULE, generator=generator(), steps=steps, **options)
    difference = limit.total - finite.total
    torch.testing.assert_close(difference, torch.full((4,), loss).double(), atol=0.01, rtol=0)


def test_equation_9_written_out() -> None:
    """T/2 E[(SNR(t - 1/T) - SNR(t)) |x - x_hat|^2] over t = 1/T, ..., 1."""
    steps, draws = 10, 20_000
    x = INSIDE[1:2]
    t = torch.randint(1, steps + 1, (draws,), generator=generator(3)).double() / steps
    eps = torch.randn(draws, 2, generator=generator(4), dtype=torch.float64)
    sigma = SCHEDULE.sigma(t)
    x_t = x + sigma[:, None] * eps
    x_hat = x_t - sigma[:, None] * SQUARE.denoiser(x_t, sigma)
    gain = SCHEDULE.snr(t - 1 / steps) - SCHEDULE.snr(t)
    terms = steps / 2 * gain * (x - x_hat).square().sum(dim=1)
    bound = elbo(x, SQUARE.denoiser, SCHEDULE, generator=generator(), steps=steps, draws=2**14)
    spread = float(terms.std()) / math.sqrt(draws)
    assert float(bound.diffusion) == pytest.approx(-float(terms.mean()), abs=4 * spread)


def test_the_other_terms() -> None:
    bound = elbo(INSIDE, SQUARE.denoiser, SCHEDULE, generator=generator(), draws=8)
    torch.testing.assert_close(bound.prior, -INSIDE.square().sum(dim=1) / 2)
    assert bound.reconstruction == pytest.approx(7.162, abs=1e-3)
    torch.testing.assert_close(bound.total, bound.diffusion + bound.prior + bound.reconstruction)


def test_kl_of_gaussians_by_monte_carlo() -> None:
    prior = GaussianPrior(torch.tensor([0.3, -1.0]).double(), torch.tensor([0.5, 2.0]).double())
    x = INSIDE[:1]
    z = x + 0.7 * torch.randn(400_000, 2, generator=generator(), dtype=torch.float64)
    log_ratio = GaussianPrior(x, 0.49).log_density(z) - prior.log_density(z)
    assert float(prior.kl_from(x, 0.7)) == pytest.approx(float(log_ratio.mean()), abs=0.02)


def test_standard_errors_are_honest_and_sobol_has_less() -> None:
    options = {"draws": 2048, "prior": MATCHED}
    truth = SQUARE.log_density(INSIDE[:1], SIGMA_0)
    spreads = {}
    for sobol in (True, False):
        bounds = [
            elbo(
                INSIDE[:1], SQUARE.denoiser, SCHEDULE,
                generator=generator(seed), sobol=sobol, **options,
            )
            for seed in range(40)
        ]  # fmt: skip
        totals = torch.cat([bound.total for bound in bounds])
        reported = torch.cat([bound.standard_error for bound in bounds]).square().mean().sqrt()
        assert float(totals.std()) == pytest.approx(float(reported), rel=0.35)
        assert abs(float(totals.mean() - truth)) < 4 * float(totals.std()) / math.sqrt(40)
        spreads[sobol] = float(totals.std())
    assert spreads[True] < spreads[False] / 4


def test_the_flow_is_the_closed_form() -> None:
    # the centre too, where sign(x) would lose the gradient
    x = torch.cat([INSIDE, OUTSIDE])
    flow = flow_log_density(x, SQUARE.denoiser, SCHEDULE, log_prior=square_log_prior)
    torch.testing.assert_close(flow, SQUARE.log_density(x, SIGMA_0), atol=1e-4, rtol=0)


def test_the_flow_with_the_standard_prior_is_the_density_of_the_samples() -> None:
    """Data N(0, s^2 I) and prior N(0, I): the flow only scales, so the density is known."""
    std = 0.6

    def gaussian(x: Tensor, sigma: float | Tensor, label: Tensor | None = None) -> Tensor:
        return sigma * x / (sigma**2 + std**2)

    scale = math.sqrt((SIGMA_0**2 + std**2) / (1 + std**2))
    exact = STANDARD.log_density(INSIDE / scale) - 2 * math.log(scale)
    flow = flow_log_density(INSIDE, gaussian, SCHEDULE)
    torch.testing.assert_close(flow, exact, atol=1e-6, rtol=0)


@pytest.mark.parametrize("x", [0.05, 0.3])
def test_a_wrong_class_costs_what_the_truth_says(x: float) -> None:
    points = torch.tensor([[x, 0.2], [x, 0.2]], dtype=torch.float64)
    label = torch.tensor([1, 0])  # right, wrong
    truth = HALVES.log_density(points, SIGMA_0, label)
    assert float(truth[0] - truth[1]) > 20

    def log_prior(z: Tensor) -> Tensor:
        return HALVES.log_density(z, 1.0, label)

    flow = flow_log_density(points, HALVES.denoiser, SCHEDULE, log_prior=log_prior, label=label)
    torch.testing.assert_close(flow, truth, atol=1e-4, rtol=1e-5)


def test_a_wrong_class_costs_the_elbo_as_much() -> None:
    points = torch.tensor([[0.05, 0.2], [0.05, 0.2]], dtype=torch.float64)
    label = torch.tensor([1, 0])
    prior = GaussianPrior(
        torch.tensor([[0.5, 0.0], [-0.5, 0.0]]).double(),
        torch.tensor([[13 / 12, 4 / 3], [13 / 12, 4 / 3]]).double(),
    )
    bound = elbo(
        points, HALVES.denoiser, SCHEDULE,
        generator=generator(), draws=2**15, prior=prior, label=label,
    )  # fmt: skip
    truth = HALVES.log_density(points, SIGMA_0, label)
    assert float(bound.total[0]) == pytest.approx(float(truth[0]), abs=0.02)
    # half a nat: the ELBO averages log p over the noise left, and out here it falls quadratically
    assert float(bound.total[1]) == pytest.approx(float(truth[1]) - 0.5, abs=0.15)


def test_draws_that_are_not_whole_sobol_sequences() -> None:
    with pytest.raises(ValueError, match="draws = 12: must be a multiple of 8"):
        elbo(INSIDE, SQUARE.denoiser, SCHEDULE, generator=generator(), draws=12)


def test_a_point_of_an_unknown_class_is_one_line() -> None:
    place, label = split([[0.5, 0, 0], [0, 1, 4]], PINWHEEL)
    assert place.tolist() == [[0.5, 0], [0, 1]]
    assert label.tolist() == [0, 4]
    for wrong in (5, -1, 0.5):
        with pytest.raises(InputError, match=r"likelihood\.points\.0 = .* one of 0 to 4"):
            split([[0, 0, wrong]], PINWHEEL)


def test_draws_that_cannot_be_split_evenly_are_one_line(tmp_path: Path) -> None:
    text = (ROOT / "params.yaml").read_text(encoding="utf-8")
    path = tmp_path / "params.yaml"
    path.write_text(text.replace("draws: 8192 ", "draws: 8190 "), encoding="utf-8")
    with pytest.raises(InputError, match=r"likelihood\.draws = 8190: must be a multiple of 8$"):
        load("likelihood", Params, path)
