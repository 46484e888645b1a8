"""The controls of the panel "What the loss measures", by mouse and by keyboard."""

import math

import pytest
import torch
from selenium.webdriver.common.keys import Keys
from torch import Tensor

from tests.explorer.conftest import Page
from tests.explorer.loss_panel import LEVELS, Panel


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
    panel.type("y", "0.345")  # as the point that was drawn could be the one at -0.7 below
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
