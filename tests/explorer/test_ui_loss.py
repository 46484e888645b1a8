"""The explorer's panel "What the loss measures", by mouse and by keyboard."""

import math
from copy import deepcopy
from typing import Any

import pytest
import torch
from selenium.webdriver.common.keys import Keys
from torch import Tensor

from lookingglass.diffusion.excess import loss_and_excess
from lookingglass.diffusion.truth import SQUARE, PointCloud, UniformBox
from lookingglass.diffusion.weights import Network
from tests.explorer.conftest import Page
from tests.explorer.plane_panel import PlanePanel

NAMES = ("loss", "floor", "excess")
LEVELS = 25
TORCH_DRAWS = 100_000


class Panel(PlanePanel):
    def __init__(self, page: Page, **view: Any) -> None:
        super().__init__(page, "loss", **{"draws": 1000, **view})

    def done(self) -> None:
        """Waits until the averages at t have all their draws."""
        self.wait(lambda: self.text(".draws").replace(",", "") == self.control("draws"))

    def curves(self) -> list[list[int]]:
        return [self.lines(css) for css in (".losses", ".excesses")]

    def here(self) -> dict[str, float]:
        return {name: self.value(f".{name} .here") for name in NAMES}

    def averages(self, what: str = "mean") -> dict[str, float]:
        return {name: self.value(f".{name} .{what}") for name in NAMES}

    def point(self) -> tuple[float, float]:
        return float(self.control("x")), float(self.control("y"))

    def noise(self) -> tuple[float, float]:
        return float(self.control("ex")), float(self.control("ey"))


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


def test_the_curves_and_the_mark(page: Page) -> None:
    panel = Panel(page)
    panel.wait(lambda: panel.curves() == [[LEVELS, LEVELS], [LEVELS]])
    rule = """
        const [chart, t] = [arguments[0], arguments[1]]
        const mark = chart.querySelector('.mark-rule.role-mark line').getBoundingClientRect()
        const line = chart.querySelector('.mark-line path').getBoundingClientRect()
        return (mark.x - line.x) / line.width
    """

    def marked() -> float:
        return panel.browser.execute_script(rule, panel.find(".losses"))

    assert marked() == pytest.approx(0.85, abs=0.02)
    panel.find("[name=t]").send_keys(Keys.PAGE_DOWN, Keys.ARROW_LEFT)
    panel.wait(lambda: panel.control("t") not in {"0.85", "0.84"})
    t = float(panel.control("t"))
    panel.link(t=panel.control("t"))
    panel.wait(lambda: abs(marked() - t) < 0.02)
    assert panel.value(".sigma") == pytest.approx(math.exp(5 * (t - 1)))
    assert panel.errors() == []


def test_drag_the_data_point_and_the_noisy_one(page: Page) -> None:
    panel = Panel(page, x=-0.5, y=-0.5, ex=2, ey=2, t=0.8)
    sigma = math.exp(-1)
    noisy = -0.5 + 2 * sigma
    picture = panel.picture()
    panel.drag((-0.5, -0.5), (0, 0), (0.3, -0.8), reach=2)
    panel.wait(lambda: panel.point() == pytest.approx((0.3, -0.8), abs=0.01))
    panel.link(handle="data", x=panel.control("x"))
    assert panel.noise() == (2, 2)
    assert panel.picture() != picture
    panel.drag((0.3 + 2 * sigma, -0.8 + 2 * sigma), (noisy, 0.5), reach=2)
    expected = ((noisy - 0.3) / sigma, 1.3 / sigma)
    panel.wait(lambda: panel.noise() == pytest.approx(expected, abs=0.05))
    assert panel.point() == pytest.approx((0.3, -0.8), abs=0.01)
    assert panel.control("handle") == "noise"
    assert panel.errors() == []


def test_arrow_keys_move_what_enter_chooses(page: Page) -> None:
    panel = Panel(page, t=1, x=0, y=0, ex=1, ey=1)  # sigma = 1
    canvas = panel.find("canvas")
    canvas.send_keys(Keys.ARROW_LEFT)
    panel.link(ex=0.9)
    assert panel.point() == (0, 0)
    canvas.send_keys(Keys.ENTER, Keys.ARROW_UP, Keys.SHIFT, Keys.ARROW_RIGHT)
    panel.link(handle="data", x=0.01, y=0.1)
    assert panel.noise() == (0.9, 1)
    panel.choose("handle", "noise")
    canvas.send_keys(Keys.ARROW_DOWN, Keys.ARROW_DOWN)
    panel.link(ey=0.8)
    assert panel.errors() == []


def nearest(points: Tensor, at: tuple[float, float]) -> float:
    return float((points - torch.tensor(at)).norm(dim=1).min())


def test_training_points(page: Page, points: Tensor) -> None:
    panel = Panel(page, x=0.012, y=0.345)
    assert nearest(points, panel.point()) > 1e-4
    seen = []
    for press in (Keys.PAGE_DOWN, Keys.PAGE_DOWN, Keys.PAGE_UP):
        panel.find("canvas").send_keys(press)
        panel.wait(lambda: nearest(points, panel.point()) < 1e-4)
        seen.append(panel.point())
    assert seen[0] == seen[2] != seen[1]
    panel.type("x", "0.012")
    assert nearest(points, panel.point()) > 1e-4
    panel.find(".another").click()
    panel.wait(lambda: nearest(points, panel.point()) < 1e-4)
    panel.type("x", "0.012")
    panel.find("[name=snap]").send_keys(Keys.SPACE)
    panel.link(snap="true")
    assert nearest(points, panel.point()) < 1e-4
    panel.drag((0.5, 0.5), (-0.5, -0.2), reach=2)  # moves the noise
    before = panel.point()
    assert nearest(points, before) < 1e-4
    panel.type("y", "-0.7")
    panel.wait(lambda: panel.point() != before)
    assert nearest(points, panel.point()) < 1e-4
    assert panel.errors() == []


def test_new_noise_is_in_the_link(page: Page) -> None:
    panel = Panel(page)
    seen = set()
    for _ in range(3):
        panel.find(".redraw").click()
        panel.link(ex=panel.control("ex"), ey=panel.control("ey"))
        seen.add(panel.noise())
    assert len(seen) == 3
    here, fragment = panel.here(), panel.fragment()
    panel.reopen("")
    assert panel.here() != here
    panel.page.open(fragment)
    assert panel.here() == here


def test_zoom(page: Page) -> None:
    """The picture is as large as the noise, and stays under the pointer."""
    panel = Panel(page, t=0.2, x=0.5, y=0.5, ex=1, ey=0, handle="data")
    sigma = math.exp(-4)
    panel.find("[name=zoom]").send_keys(Keys.SPACE)
    panel.link(zoom="true")
    reach = 4 * sigma
    panel.drag((0, 0), (sigma, sigma), (2 * sigma, -sigma), reach=reach)
    panel.wait(
        lambda: panel.point() == pytest.approx((0.5 + 2 * sigma, 0.5 - sigma), abs=0.02 * reach)
    )
    centre = panel.point()
    panel.drag((sigma, 0), (0, 2 * sigma), reach=reach)
    panel.wait(lambda: panel.noise() == pytest.approx((0, 2), abs=0.1))
    assert panel.point() == centre
    assert panel.errors() == []


def test_seed_and_draws(page: Page) -> None:
    panel = Panel(page)
    panel.done()
    first = panel.averages()
    panel.type("seed", "3")
    panel.link(seed=3)
    panel.done()
    assert panel.averages() != first
    error = panel.averages("error")
    panel.choose("draws", "4000")
    panel.done()
    assert panel.averages("error")["loss"] == pytest.approx(error["loss"] / 2, rel=0.2)
    command = "dvc exp run -S evaluate_diffusion.level_draws=4000 -S evaluate_diffusion.seed=3"
    assert panel.find(".command").get_property("value") == command
    panel.choose("model", "plain")
    panel.done()
    command = command.replace("diffusion", "plain")
    assert panel.find(".command").get_property("value") == command
    assert panel.averages()["excess"] > 2 * first["excess"]


def test_a_link_reopens_the_view(page: Page) -> None:
    panel = Panel(page, t=0.6, model="plain", x=0.25, y=-0.5, ex=1, ey=-2, seed=4, zoom="true")
    panel.find("canvas").send_keys(Keys.ENTER, Keys.ARROW_UP)
    panel.link(y=-0.4, handle="data")
    panel.done()
    fragment, picture = panel.fragment(), panel.picture()
    numbers = panel.here(), panel.averages()
    panel.reopen("")
    panel.page.open(fragment)
    panel.done()
    assert (panel.here(), panel.averages()) == numbers
    assert panel.picture() == picture
    assert panel.fragment() == fragment


@pytest.mark.parametrize(
    ("view", "sentence"),
    [
        ({"t": 1.5}, "time t = 1.5: must be a number from 0 to 1"),
        ({"x": 1000}, "x_0, horizontal = 1000: must be a number from -100 to 100"),
        ({"y": ""}, "x_0, vertical = NaN: must be a number from -100 to 100"),
        ({"ex": 11}, "noise, horizontal = 11: must be a number from -10 to 10"),
        ({"ey": "b"}, "noise, vertical = NaN: must be a number from -10 to 10"),
        ({"seed": 0.5}, "seed = 0.5: must be a whole number from 0 to 4294967295"),
        ({"model": "exact"}, "model = exact: must be one of diffusion, plain"),
        ({"draws": 5}, "draws = 5: must be one of 1000, 4000, 20000"),
        ({"handle": "x"}, "arrow keys move = x: must be one of data, noise"),
    ],
)
def test_a_wrong_link_gets_a_sentence(page: Page, view: dict[str, Any], sentence: str) -> None:
    panel = Panel(page, **view)
    assert panel.message().startswith(sentence)
    assert panel.control("x") == "0.6"
    assert panel.errors() == []


def test_wrong_input_gets_a_sentence_and_keeps_the_view(page: Page) -> None:
    panel = Panel(page, snap="true")
    before = panel.picture()
    panel.type("x", Keys.DELETE)
    assert panel.message().startswith("x_0, horizontal = NaN: must be a number")
    assert panel.find("[name=x]").get_attribute("aria-invalid") == "true"
    assert panel.picture() == before
    panel.type("ex", "0.25")
    assert panel.message() == ""
    panel.link(ex=0.25)


def test_names_and_narrow_screens(page: Page) -> None:
    panel = Panel(page)
    panel.wait(lambda: panel.curves() == [[LEVELS, LEVELS], [LEVELS]])
    panel.has_names_and_fits()
    assert panel.errors() == []
