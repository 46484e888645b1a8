"""The page's denoisers and exact densities are the library's."""

import math
from collections.abc import Callable
from copy import deepcopy

import pytest
import torch
from torch import Tensor

from lookingglass.diffusion.denoiser import Denoiser
from lookingglass.diffusion.network import EdgeNetwork
from lookingglass.diffusion.regions import classify
from lookingglass.diffusion.schedule import ExponentialSchedule
from lookingglass.diffusion.truth import SQUARE, PointCloud, UniformBox
from lookingglass.diffusion.weights import Network
from tests.explorer.conftest import Page
from tests.explorer.diffusion_reference import POINTS, assert_close, constant, noise


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
