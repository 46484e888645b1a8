"""The explorer's panel "A probe of log p", by mouse and by keyboard."""

import math
import shlex
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import torch
from dvc.utils.hydra import apply_overrides
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from torch import Tensor

from lab.core.params import load
from lookingglass.diffusion.likelihood import elbo, flow_log_density
from lookingglass.diffusion.prior import STANDARD
from lookingglass.diffusion.regions import classify
from lookingglass.diffusion.truth import SQUARE, PointCloud, UniformBox
from lookingglass.diffusion.weights import Network
from stages.diffusion.likelihood import Params
from tests.explorer.conftest import Page
from tests.explorer.plane_panel import PlanePanel

LABELS = ["any", "0", "1", "2", "3", "4"]
Truth = UniformBox | PointCloud


class Panel(PlanePanel):
    def __init__(self, page: Page, **view: Any) -> None:
        super().__init__(page, "probe", **{"draws": 1024, **view})

    def done(self) -> None:
        """Waits until all draws are made."""
        self.wait(lambda: len(set(self.counts())) == 1)

    def counts(self) -> list[int]:
        """The draws so far, and their bound."""
        words = self.text("output.draws").replace(",", "").split()
        return [int(word) for word in words if word.isdigit()]

    def row(self, label: str) -> dict[str, float]:
        names = ("truth", "elbo", "error", "flow")
        row = f"[data-label-of='{label}']"
        return {name: self.value(f"{row} .{name}") for name in names}

    def labels(self) -> list[str]:
        rows = self.browser.find_elements(By.CSS_SELECTOR, "#probe tbody tr")
        return [row.get_attribute("data-label-of") or "" for row in rows]


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


def test_click_and_drag_place_the_probe(page: Page) -> None:
    panel = Panel(page)
    panel.drag((0, 0), reach=2)
    panel.wait(lambda: "class 0" in panel.text(".verdict"))
    assert abs(float(panel.control("x"))) < 0.01
    panel.link(x=panel.control("x"), y=panel.control("y"))
    picture = panel.picture()
    panel.drag((0, 0), (0.5, 0.5), (-0.7, 0.4), reach=2)
    panel.wait(lambda: "class 4" in panel.text(".verdict"))
    panel.wait(lambda: panel.control("x").startswith("-0.7"))
    panel.done()
    assert panel.picture() != picture
    assert panel.row("4")["truth"] > panel.row("0")["truth"] + 100
    assert panel.errors() == []


def test_arrow_keys_move_the_probe(page: Page) -> None:
    panel = Panel(page, x=0, y=0)
    panel.find("canvas").send_keys(Keys.ARROW_RIGHT, Keys.ARROW_RIGHT, Keys.ARROW_DOWN)
    panel.link(x=0.2, y=-0.1)
    panel.find("canvas").send_keys(Keys.SHIFT, Keys.ARROW_LEFT, Keys.ARROW_UP)
    panel.link(x=0.19, y=-0.09)
    assert (panel.control("x"), panel.control("y")) == ("0.19", "-0.09")


def test_controls_by_keyboard(page: Page) -> None:
    panel = Panel(page, x=0.5, y=0)
    panel.done()
    before = panel.row("2")
    panel.type("seed", "7")
    panel.link(seed=7)
    panel.done()
    assert panel.row("2")["elbo"] != before["elbo"]
    assert panel.row("2")["flow"] == before["flow"]
    assert panel.find("[name=steps]").get_property("disabled")
    panel.find("[name=time]").send_keys(Keys.ARROW_DOWN)
    panel.type("steps", "3")
    panel.link(time="steps", steps=3)
    panel.done()
    assert panel.row("2")["elbo"] < before["elbo"] - 1
    panel.find("[name=prior]").send_keys(Keys.ARROW_UP)
    panel.link(prior="standard")
    panel.done()
    assert panel.row("2")["flow"] != before["flow"]
    assert panel.errors() == []


def test_pause_and_resume(page: Page) -> None:
    panel = Panel(page, draws=131072)
    panel.wait(lambda: panel.counts()[0] >= 256)
    panel.find(".pause").send_keys(Keys.SPACE)
    assert panel.text(".pause") == "Resume"
    count = panel.counts()[0]
    panel.page.run("await new Promise((resolve) => setTimeout(resolve, 500))")
    assert panel.counts() == [count, 131072]
    panel.find(".pause").click()
    panel.wait(lambda: panel.counts()[0] > count)
    assert panel.text(".pause") == "Pause"
    panel.choose("draws", "1024")
    panel.done()
    assert panel.find(".pause").get_property("disabled")
    assert panel.errors() == []


def test_the_chart_has_every_estimate_and_both_lines(page: Page) -> None:
    panel = Panel(page, draws=8192)
    panel.wait(lambda: panel.lines() == [32, 2, 2])
    assert panel.find(".chart").accessible_name.startswith("Given any class")
    panel.choose("label", "1")
    panel.wait(lambda: panel.find(".chart").accessible_name.startswith("Given class 1"))
    assert panel.text(".chart-title").startswith("Given class 1")
    assert panel.find("tr.shown").get_attribute("data-label-of") == "1"
    panel.choose("draws", "1024")
    panel.wait(lambda: panel.lines() == [4, 2, 2])
    assert panel.errors() == []


def test_the_shown_classs_density_is_shaded(page: Page) -> None:
    panel = Panel(page, x=1.5, y=1.5)
    panel.done()
    empty = panel.pixel(1.5, -1.5)
    assert panel.pixel(0, 0.1) == panel.pixel(0.6, -0.4) != empty
    panel.choose("label", "2")
    panel.done()
    assert panel.pixel(0, 0.1) == empty != panel.pixel(0.6, -0.4)


def test_a_link_reopens_the_view(page: Page) -> None:
    view = {"x": -0.2, "y": 0.9, "prior": "standard", "time": "steps", "steps": 50, "seed": 3}
    panel = Panel(page, **view, label=3)
    panel.done()
    panel.find("canvas").send_keys(Keys.ARROW_RIGHT)
    panel.link(x=-0.1)
    panel.done()
    fragment, rows = panel.fragment(), [panel.row(label) for label in LABELS]
    panel.reopen("")
    panel.done()
    assert [panel.row(label) for label in LABELS] != rows
    panel.page.open(fragment)
    panel.done()
    assert [panel.row(label) for label in LABELS] == rows
    assert panel.fragment() == fragment


@pytest.mark.parametrize(
    ("view", "sentence"),
    [
        ({"x": "a"}, "x = NaN: must be a number from -100 to 100"),
        ({"y": 101}, "y = 101: must be a number from -100 to 100"),
        ({"steps": 0}, "T = 0: must be a whole number from 1 to 100000"),
        ({"seed": -1}, "seed = -1: must be a whole number from 0 to 4294967295"),
        ({"draws": 7}, "draws = 7: must be one of 1024, 8192, 32768, 131072"),
        ({"model": "exact"}, "model = exact: must be one of conditional, diffusion, plain"),
        ({"label": 5}, "shown class = 5: must be one of 0, 1, 2, 3, 4, any"),
        ({"label": 2, "model": "plain"}, "shown class = 2: must be one of any"),
        ({"time": "x"}, "time in the ELBO = x: must be one of continuous, steps"),
        ({"prior": "x"}, "prior = x: must be one of standard, matched"),
    ],
)
def test_a_wrong_link_gets_a_sentence(page: Page, view: dict[str, Any], sentence: str) -> None:
    panel = Panel(page, **view)
    assert panel.message().startswith(sentence)
    assert panel.control("x") == "0.6"
    assert panel.errors() == []


def test_wrong_input_gets_a_sentence_and_keeps_the_view(page: Page) -> None:
    panel = Panel(page)
    panel.done()
    before = panel.picture()
    panel.type("x", "1000")
    assert panel.message().startswith("x = 1000: must be a number from -100 to 100")
    assert panel.find("[name=x]").get_attribute("aria-invalid") == "true"
    assert panel.picture() == before
    panel.type("x", "0.5")
    assert panel.message() == ""


def test_the_command_sets_the_pipelines_points(page: Page, tmp_path: Path) -> None:
    panel = Panel(page, x=0.25, y=-1.5, time="steps", steps=70, seed=5)
    program, *settings = shlex.split(str(panel.find(".command").get_property("value")))
    assert [program, *settings[:2]] == ["dvc", "exp", "run"]
    assert set(settings[2::2]) == {"-S"}
    path = tmp_path / "params.yaml"
    path.write_bytes(Path("params.yaml").read_bytes())
    apply_overrides(path, settings[3::2])
    params = load("likelihood", Params, path)
    assert params.points[:5] == [[0.25, -1.5, label] for label in range(5)]
    assert (params.draws, params.steps, params.seed, params.sobol) == (1024, 70, 5, False)


def test_names_and_narrow_screens(page: Page) -> None:
    panel = Panel(page)
    panel.wait(panel.lines)
    panel.has_names_and_fits()
    assert panel.errors() == []


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
