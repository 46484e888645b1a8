"""The numbers of the panel "A probe of log p" are the library's."""

import math
from copy import deepcopy
from typing import Any

import pytest
import torch
from selenium.webdriver.common.by import By
from torch import Tensor

from lookingglass.diffusion.likelihood import elbo, flow_log_density
from lookingglass.diffusion.prior import STANDARD
from lookingglass.diffusion.regions import classify
from lookingglass.diffusion.truth import SQUARE, PointCloud, UniformBox
from lookingglass.diffusion.weights import Network
from tests.explorer.conftest import Page
from tests.explorer.probe_panel import LABELS, Panel

Truth = UniformBox | PointCloud


def check_row(
    given: dict[str, float],
    network: Network,
    truth: Truth,
    x: Tensor,
    number: int | None,
    *,
    matched: bool,
    steps: int | None,
) -> None:
    """A row is what the library says, by the conventions of the stage `likelihood`."""
    network, schedule = deepcopy(network).double(), network.schedule
    label = None if number is None else torch.tensor([number])
    prior = truth.prior_at(schedule) if matched else STANDARD
    right = truth.log_density(x, schedule.sigma_min)
    assert given["truth"] == pytest.approx(float(right), abs=1e-5, rel=1e-5)
    flow = flow_log_density(x, network, schedule, log_prior=prior.log_density, label=label)
    assert given["flow"] == pytest.approx(float(flow), abs=1e-3, rel=1e-3)
    bound = elbo(
        x, network, schedule,
        generator=torch.Generator().manual_seed(0), steps=steps, prior=prior, label=label,
    )  # fmt: skip
    error = math.hypot(given["error"], float(bound.standard_error))
    assert abs(given["elbo"] - float(bound.total)) < 5 * error
    # of plain Monte Carlo: the library's is that, too, without Sobol sequences
    plain = elbo(
        x, network, schedule, generator=torch.Generator().manual_seed(1), draws=1024,
        sobol=False, steps=steps, prior=prior, label=label,
    )  # fmt: skip
    assert given["error"] == pytest.approx(float(plain.standard_error), rel=0.25)


@pytest.mark.parametrize("point", [(0.6, -0.5), (0.34, 0.1)])
@pytest.mark.parametrize(
    ("view", "matched", "steps"),
    [
        ({"prior": "matched"}, True, None),
        ({"prior": "standard", "time": "steps", "steps": 20}, False, 20),
    ],
)
def test_every_label_is_the_librarys(
    page: Page,
    networks: dict[str, Network],
    regions: list[UniformBox],
    point: tuple[float, float],
    view: dict[str, Any],
    matched: bool,
    steps: int | None,
) -> None:
    panel = Panel(page, x=point[0], y=point[1], **view)
    panel.done()
    assert panel.labels() == LABELS
    x = torch.tensor([point], dtype=torch.float64)
    for label in LABELS:
        number = None if label == "any" else int(label)
        truth = SQUARE if number is None else regions[number]
        network = networks["conditional"]
        given = panel.row(label)
        check_row(given, network, truth, x, number, matched=matched, steps=steps)
    assert panel.errors() == []


@pytest.mark.parametrize("model", ["diffusion", "plain"])
def test_networks_without_classes(page: Page, networks: dict[str, Network], model: str) -> None:
    panel = Panel(page, x=-0.3, y=0.8)
    panel.done()
    panel.choose("label", "3")
    panel.choose("model", model)
    panel.link(model=model)
    assert panel.control("label") == "any"
    panel.done()
    assert panel.labels() == ["any"]
    x = torch.tensor([[-0.3, 0.8]], dtype=torch.float64)
    check_row(panel.row("any"), networks[model], SQUARE, x, None, matched=True, steps=None)
    assert "knows no classes" in panel.text(".verdict")
    assert not panel.find(".pipeline").is_displayed()
    assert "for each class" in panel.text(".no-pipeline")
    panel.choose("label", "3")
    panel.link(label=3)
    assert panel.control("model") == "conditional"
    assert panel.errors() == []


def test_shown_numbers_are_rounded(page: Page) -> None:
    panel = Panel(page)
    panel.done()
    for label in LABELS:
        for name, value in panel.row(label).items():
            text = panel.text(f"[data-label-of='{label}'] .{name}")
            shown = float(text.replace("\u2212", "-").strip("\u00b1\u2009"))
            assert shown == pytest.approx(value, abs=6e-4, rel=1e-3)


def test_the_right_label_and_the_wrong_ones(page: Page) -> None:
    panel = Panel(page, x=0.6, y=-0.5)
    panel.done()
    assert panel.text(".verdict").startswith("The probe is in class 2")
    rows = {label: panel.row(label) for label in LABELS[1:]}
    lead = rows["2"]["truth"] - max(rows[label]["truth"] for label in "0134")
    assert lead > 700
    assert f"at least {lead:.1f} nats by the truth" in panel.text(".verdict")
    assert panel.find("tr.right").get_attribute("data-label-of") == "2"
    panel.type("x", "0.335")
    panel.done()
    assert "Near a border" in panel.text(".verdict")
    panel.type("x", "1.2")
    panel.done()
    assert "no class's region" in panel.text(".verdict")
    assert not panel.browser.find_elements(By.CSS_SELECTOR, "#probe tr.right")


def test_own_points(
    own_page: Page,
    networks: dict[str, Network],
    points: Tensor,
    regions: list[UniformBox],
) -> None:
    x, y = (round(value, 4) for value in points[0].tolist())
    panel = Panel(own_page, x=x, y=y)
    panel.done()
    assert panel.text(".truth-name") == "training points"
    classes = classify(points, regions)
    at = torch.tensor([[x, y]], dtype=torch.float64)
    for label in LABELS:
        number = None if label == "any" else int(label)
        cloud = PointCloud(points if number is None else points[classes == number])
        given = panel.row(label)
        check_row(given, networks["conditional"], cloud, at, number, matched=True, steps=None)
    assert f"class {classes[0]}" in panel.text(".verdict")
    panel.drag((0, 0), (1.5, 1.5), reach=3)
    panel.wait(lambda: panel.control("x").startswith("1.5"))
    panel.wait(panel.lines)
    assert panel.errors() == []
