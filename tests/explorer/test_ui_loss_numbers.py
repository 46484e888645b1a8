"""The numbers of the panel "What the loss measures" are the library's."""

import math
from copy import deepcopy

import pytest
import torch
from torch import Tensor

from lookingglass.diffusion.excess import loss_and_excess
from lookingglass.diffusion.truth import SQUARE, PointCloud, UniformBox
from lookingglass.diffusion.weights import Network
from tests.explorer.conftest import Page
from tests.explorer.loss_panel import LEVELS, NAMES, Panel

TORCH_DRAWS = 100_000


def check_averages(
    panel: Panel, network: Network, truth: UniformBox | PointCloud, sigma: float
) -> None:
    """The panel's averages are the library's, within five standard errors of both."""
    mean, error = panel.averages(), panel.averages("error")
    generator = torch.Generator().manual_seed(0)
    x_0, sigmas = truth.sample(TORCH_DRAWS, generator), torch.full((TORCH_DRAWS,), sigma)
    state = generator.get_state()
    loss, excess = loss_and_excess(network, truth, x_0, sigmas, generator=generator)
    generator.set_state(state)  # the same noise
    floor, _ = loss_and_excess(truth.denoiser, truth, x_0, sigmas, generator=generator)
    both = math.sqrt(1 + 1000 / TORCH_DRAWS)
    for name, right in {"loss": loss, "floor": floor, "excess": excess}.items():
        assert error[name] > 0
        assert abs(mean[name] - right) < 5 * both * error[name], name
    # the spread of a squared error of two Gaussian coordinates is about its mean
    assert error["loss"] == pytest.approx(mean["loss"] / math.sqrt(1000), rel=0.35)


@pytest.mark.parametrize("t", [0.2, 0.85, 1])
@pytest.mark.parametrize("model", ["diffusion", "plain"])
def test_one_draw_and_averages(
    page: Page, networks: dict[str, Network], model: str, t: float
) -> None:
    panel = Panel(page, model=model, t=t, x=0.7, y=-0.9, ex=0.5, ey=-1.25)
    network = deepcopy(networks[model]).double()
    x_0, eps = (torch.tensor([a], dtype=torch.float64) for a in ([0.7, -0.9], [0.5, -1.25]))
    sigma = math.exp(5 * (t - 1))
    assert panel.value(".sigma") == pytest.approx(sigma)
    x_t = x_0 + sigma * eps
    with torch.no_grad():
        predicted, exact = network(x_t, sigma), SQUARE.denoiser(x_t, sigma)
    assert panel.here() == {
        name: pytest.approx(float((a - b).square().mean()), rel=1e-6)
        for name, (a, b) in {
            "loss": (predicted, eps),
            "floor": (exact, eps),
            "excess": (predicted, exact),
        }.items()
    }
    panel.done()
    check_averages(panel, networks[model], SQUARE, sigma)
    assert panel.errors() == []


def test_own_points(own_page: Page, networks: dict[str, Network], points: Tensor) -> None:
    """The floor is that of the points: hardly anything at little noise."""
    panel = Panel(own_page, t=0.3)
    panel.done()
    check_averages(panel, networks["diffusion"], PointCloud(points), math.exp(-3.5))
    panel.drag((0, 0), (1, 1.5), reach=3)
    panel.wait(lambda: panel.noise()[1] > 5)
    panel.wait(lambda: panel.curves() == [[LEVELS, LEVELS], [LEVELS]])
    assert panel.errors() == []


def test_shown_numbers_are_rounded(page: Page) -> None:
    panel = Panel(page)
    panel.done()
    for name in NAMES:
        for what in ("here", "mean", "error"):
            text = panel.text(f".{name} .{what}").replace("\u2212", "-").strip("\u00b1\u2009")
            value = panel.value(f".{name} .{what}")
            assert float(text) == pytest.approx(value, abs=6e-5 if value >= 1e-3 else 0, rel=0.06)
