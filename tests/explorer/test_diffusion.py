"""The page's diffusion models compute what the library does."""

import math
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from lookingglass.diffusion.class_truth import ClassTruth
from lookingglass.diffusion.denoiser import Denoiser, Sigma
from lookingglass.diffusion.guidance import guide
from lookingglass.diffusion.likelihood import elbo, flow_log_density
from lookingglass.diffusion.network import EdgeNetwork
from lookingglass.diffusion.prior import STANDARD
from lookingglass.diffusion.regions import classify
from lookingglass.diffusion.samplers import sample, uniform_times
from lookingglass.diffusion.schedule import ExponentialSchedule
from lookingglass.diffusion.solvers import SOLVERS
from lookingglass.diffusion.truth import SQUARE, PointCloud, UniformBox
from lookingglass.diffusion.weights import Network
from stages.diffusion.samplers import all_schedules
from tests.explorer.conftest import Page

POINTS = [[0.0, 0.0], [0.5, -0.8], [0.98, 0.5], [1.2, 1.1]]


@pytest.fixture(scope="session")
def schedule(networks: dict[str, Network]) -> ExponentialSchedule:
    return networks["diffusion"].schedule


@pytest.fixture(scope="session")
def denoisers(
    networks: dict[str, Network], regions: list[UniformBox]
) -> dict[str, Network | Denoiser]:
    """Each model of the page; the networks in float64, as the page computes."""
    in_double = {name: deepcopy(network).double() for name, network in networks.items()}

    def exact(x: Tensor, sigma: Sigma, label: Tensor | None = None) -> Tensor:
        # ClassTruth's mixture of all regions is the square's to 1e-8 only
        truth = SQUARE if label is None else ClassTruth(regions)
        return truth.denoiser(x, sigma, label)

    return {**in_double, "exact": exact}


def noise(n: int, seed: int) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(n, 2, generator=generator, dtype=torch.float64)


def constant(label: int | None, n: int) -> Tensor | None:
    return None if label is None else torch.full((n,), label)


def assert_close(given: Any, right: Tensor, tolerance: float) -> None:
    """Equal up to an absolute or a relative error."""
    assert np.isfinite(np.array(given, dtype=float)).all(), given
    torch.testing.assert_close(
        torch.tensor(given, dtype=torch.float64), right.double(), rtol=tolerance, atol=tolerance
    )


@pytest.mark.parametrize("label", [None, 0, 3])
@pytest.mark.parametrize("model", ["diffusion", "plain", "conditional", "exact"])
def test_eps(
    page: Page,
    networks: dict[str, Network],
    denoisers: dict[str, Denoiser],
    model: str,
    label: int | None,
) -> None:
    """For 1,000 points, near and far, at noise levels of all sizes."""
    uniform = torch.rand(1000, generator=torch.Generator().manual_seed(1))
    sigma, x = torch.exp(-5 * uniform), noise(1000, 2) * torch.exp(4 * uniform.flip(0) - 2)[:, None]
    x = x.float()
    given = page.call("diffusion.eps", model, x.tolist(), sigma.tolist(), label)
    labels = constant(label, len(x))
    in_float = {**denoisers, **networks}[model]
    assert_close(given, in_float(x, sigma, labels), 1e-5)
    assert_close(given, denoisers[model](x.double(), sigma.double(), labels), 1e-9)


@pytest.mark.parametrize("model", ["diffusion", "plain", "conditional"])
def test_eps_at_one_level_for_all_points(
    page: Page, denoisers: dict[str, Denoiser], model: str
) -> None:
    x = noise(50, 3)
    given = page.call("diffusion.eps", model, x.tolist(), 0.1, None)
    assert_close(given, denoisers[model](x, 0.1), 1e-9)


def test_a_network_averaged_over_the_symmetries(
    page_of: Callable[..., Page], networks: dict[str, Network]
) -> None:
    """As torch evaluates it, for one noise level and for one of each point."""
    shipped = networks["diffusion"]
    network = EdgeNetwork(shipped.schedule, **{**shipped.config, "symmetric": True})
    network.load_state_dict(shipped.state_dict())
    averaged = network.eval().requires_grad_(False).double()
    page, x = page_of(True, diffusion=averaged), noise(200, 9)
    sigma = torch.rand(200, generator=torch.Generator().manual_seed(1)).double() + 0.01
    for level in (0.1, sigma):
        given = page.call(
            "diffusion.eps", "diffusion", x.tolist(),
            level.tolist() if isinstance(level, Tensor) else level, None,
        )  # fmt: skip
        assert_close(given, averaged(x, level), 1e-9)
        assert (averaged(x, level) - deepcopy(shipped).double()(x, level)).abs().max() > 1e-3


@pytest.mark.parametrize("label", [None, 0, 4])
@pytest.mark.parametrize("sigma", [math.exp(-5), 0.1, 1.0, 30.0])
def test_the_exact_truth_inside_and_far_outside(
    page: Page, regions: list[UniformBox], sigma: float, label: int | None
) -> None:
    truth = SQUARE if label is None else regions[label]
    x = torch.tensor([*POINTS, [1, -1], [-4, 5.5], [300, -2]], dtype=torch.float64)
    assert_close(
        page.call("diffusion.logDensity", x.tolist(), sigma, label),
        truth.log_density(x, sigma),
        1e-12,
    )
    given = page.call("diffusion.eps", "exact", x.tolist(), sigma, label)
    assert_close(given, truth.denoiser(x, sigma), 1e-12)


@pytest.mark.parametrize("name", ["exponential", "karras", "cosine", "linear"])
@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("model", ["diffusion", "exact"])
def test_sample(
    page: Page,
    denoisers: dict[str, Denoiser],
    schedule: ExponentialSchedule,
    model: str,
    solver: str,
    name: str,
) -> None:
    """The states at every time, from the same noise."""
    z = noise(20, 4)
    given = page.call("diffusion.sample", {
        "model": model, "solver": solver, "steps": 12, "schedule": name, "eta": 0,
        "label": None, "guidance": 0, "noise": z.tolist(),
    })  # fmt: skip
    right = sample(
        denoisers[model], all_schedules(schedule)[name], z,
        times=uniform_times(12), solver=solver, trajectory=True,
    )  # fmt: skip
    assert_close(given, right, 1e-9)


@pytest.mark.parametrize("guidance", [0.0, 1.5, -1.0])
@pytest.mark.parametrize("model", ["conditional", "exact"])
def test_guided_samples_of_a_class(
    page: Page,
    denoisers: dict[str, Denoiser],
    schedule: ExponentialSchedule,
    model: str,
    guidance: float,
) -> None:
    z = noise(20, 5)
    given = page.call("diffusion.sample", {
        "model": model, "solver": "heun", "steps": 20, "label": 2, "guidance": guidance,
        "noise": z.tolist(),
    })  # fmt: skip
    right = sample(
        guide(denoisers[model], guidance), schedule, z,
        times=uniform_times(20), solver="heun", label=constant(2, 20), trajectory=True,
    )  # fmt: skip
    assert_close(given, right, 1e-7)


def test_the_reverse_sde_keeps_the_distribution(page: Page, schedule: ExponentialSchedule) -> None:
    """From the matched prior, the exact denoiser's samples are uniform in the square."""
    z = SQUARE.prior_at(schedule).transform(noise(2000, 6))
    options = {"model": "exact", "solver": "heun", "steps": 60, "eta": 1, "noise": z.tolist()}
    first, again, other = (
        torch.tensor(page.call("diffusion.sample", {**options, "seed": seed})) for seed in (1, 1, 2)
    )
    assert first.shape == (61, 2000, 2)
    assert SQUARE.fraction_inside(first[-1]) == pytest.approx(0.9946, abs=0.006)
    # 0.025: four standard errors
    assert first[-1].std(dim=0).tolist() == pytest.approx([3**-0.5] * 2, abs=0.025)
    assert torch.equal(first, again), "the seed determines all noise"
    assert (first[-1] - other[-1]).abs().mean() > 0.1


@pytest.mark.parametrize("steps", [None, 1000])
@pytest.mark.parametrize("prior", ["standard", "matched"])
@pytest.mark.parametrize("model", ["conditional", "exact"])
def test_elbo(
    page: Page,
    denoisers: dict[str, Denoiser],
    regions: list[UniformBox],
    schedule: ExponentialSchedule,
    model: str,
    prior: str,
    steps: int | None,
) -> None:
    x = torch.tensor(POINTS, dtype=torch.float64)
    right = elbo(
        x, denoisers[model], schedule,
        generator=torch.Generator().manual_seed(7), steps=steps, label=constant(2, len(x)),
        prior=STANDARD if prior == "standard" else regions[2].prior_at(schedule),
    )  # fmt: skip
    for i, point in enumerate(POINTS):
        given = page.call("diffusion.elbo", {
            "model": model, "point": point, "label": 2, "steps": steps, "prior": prior,
            "draws": 4096, "seed": i,
        })  # fmt: skip
        assert given["draws"] == 4096
        error = math.hypot(given["standardError"], float(right.standard_error[i]))
        assert given["diffusion"] == pytest.approx(float(right.diffusion[i]), abs=4 * error)
        assert given["prior"] == pytest.approx(float(right.prior[i]), rel=1e-9)
        assert given["reconstruction"] == pytest.approx(right.reconstruction, rel=1e-9)
        parts = given["diffusion"] + given["prior"] + given["reconstruction"]
        assert given["total"] == pytest.approx(parts)


def test_the_standard_error_of_the_elbo_is_right(page: Page) -> None:
    """It is the spread of independent estimates."""
    estimates = [
        page.call(
            "diffusion.elbo", {"model": "exact", "point": [0.5, 0.9], "draws": 256, "seed": i}
        )
        for i in range(100)
    ]
    spread = np.std([estimate["diffusion"] for estimate in estimates])
    assert np.mean([estimate["standardError"] for estimate in estimates]) == pytest.approx(
        spread, rel=0.3
    )


@pytest.mark.parametrize("label", [None, 2])
@pytest.mark.parametrize("model", ["conditional", "exact"])
def test_the_flows_log_density(
    page: Page,
    denoisers: dict[str, Denoiser],
    schedule: ExponentialSchedule,
    model: str,
    label: int | None,
) -> None:
    options = {"model": model, "points": POINTS, "label": label, "steps": 50}
    x = torch.tensor(POINTS, dtype=torch.float64)
    right = flow_log_density(x, denoisers[model], schedule, steps=50, label=constant(label, len(x)))
    assert_close(page.call("diffusion.flowLogDensity", options), right, 1e-6)


def test_own_points_are_their_own_truth(
    own_page: Page, points: Tensor, regions: list[UniformBox], schedule: ExponentialSchedule
) -> None:
    labels = classify(points, regions)
    x = torch.cat([noise(100, 8), torch.tensor([[50.0, -20.0]]).double()])
    for label, cloud in ((None, points), (3, points[labels == 3])):
        truth = PointCloud(cloud)
        for sigma in (math.exp(-5), 0.2, 1.0):
            eps = own_page.call("diffusion.eps", "exact", x.tolist(), sigma, label)
            assert_close(eps, truth.denoiser(x, sigma), 1e-7)
            density = own_page.call("diffusion.logDensity", x.tolist(), sigma, label)
            assert_close(density, truth.log_density(x, sigma), 1e-7)
    options = {"model": "exact", "point": POINTS[1], "prior": "matched", "draws": 2}
    right = (
        -PointCloud(points)
        .prior_at(schedule)
        .kl_from(torch.tensor(POINTS[1:2]).double(), schedule.sigma_max)
    )
    assert own_page.call("diffusion.elbo", options)["prior"] == pytest.approx(float(right))


@pytest.mark.parametrize(
    ("function", "arguments", "message"),
    [
        ("eps", ["exactly", [[0, 0]], 1, None],
         "model = exactly: must be one of exact, diffusion, plain, conditional"),
        ("eps", ["exact", [[0, 0]], 0, None], "sigma = 0: must be a number from"),
        ("eps", ["exact", [[0, None]], 1, None], "points[0] = 0,: must be two finite numbers"),
        ("eps", ["conditional", [[0, 0]], 1, 5], "label = 5: must be a whole number from 0 to 4"),
        ("logDensity", [[[0, 0]], 1, 7], "label = 7: must be a whole number from 0 to 4"),
        ("sample", [{"noise": [[0, 0]], "solver": "toString"}], "solver = toString: must be one"),
        ("sample", [{"noise": [[0, 0]], "schedule": "fast"}], "schedule = fast: must be one of"),
        ("sample", [{"noise": [[0, 0]], "steps": 0}], "steps = 0: must be a whole number from 1"),
        ("sample", [{"noise": [[0, 0]], "eta": 2}], "eta = 2: must be a number from 0 to 1"),
        ("sample", [{"noise": [[0, 0]], "eta": 1, "solver": "dpmpp_2m"}], "eta = 1: needs"),
        ("elbo", [{"point": [0, 0], "draws": 1}], "draws = 1: must be a whole number from 2"),
        ("elbo", [{"point": [0, 0], "prior": "wide"}], "prior = wide: must be one of"),
    ],
)  # fmt: skip
def test_wrong_input_gets_a_sentence(
    page: Page, function: str, arguments: list[Any], message: str
) -> None:
    assert page.call(f"diffusion.{function}", *arguments).startswith(f"RangeError: {message}")
