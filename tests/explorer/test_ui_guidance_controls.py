"""The controls of the panel "Classes and guidance", by mouse and by keyboard."""

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from lookingglass.diffusion.truth import UniformBox
from tests.explorer.conftest import Page
from tests.explorer.guidance_panel import FIGURES, SMALL, Panel


def test_class_by_keyboard_and_by_click(page: Page, regions: list[UniformBox]) -> None:
    panel = Panel(page, f"{SMALL}&guidance.w=0")
    panel.find("[name=class]").send_keys("4")
    panel.fragment("guidance.class=4")
    for figure, label in zip(FIGURES, (3, 0, 2), strict=True):
        panel.click_plane(figure, *regions[label].mean.tolist())
        assert panel.value("class") == str(label)
        panel.fragment(f"guidance.class={label}")
        for other in FIGURES:
            assert panel.number(other, "inside")[0] > 0.7
            name = panel.find(f"figure.{other} canvas").accessible_name
            assert f"class {label}, w = 0" in name
    panel.click_plane("exact", 1.2, 1.2)
    assert panel.value("class") == "2", "outside there is no class"
    assert panel.errors() == []


def test_weight_by_keyboard_and_by_mouse(page: Page) -> None:
    panel = Panel(page, "panel=guidance&guidance.n=60&guidance.steps=30&guidance.w=0")
    slider = panel.find("[name=w]")
    first = panel.pictures()
    spread = [panel.number(figure, "std")[1] for figure in FIGURES]
    slider.send_keys(Keys.ARROW_RIGHT)
    panel.fragment("guidance.w=0.1")
    slider.send_keys(Keys.END)
    panel.fragment("guidance.w=10")
    assert panel.find(".weight output").text == "10"
    narrow = [panel.number(figure, "std")[1] for figure in FIGURES]
    assert narrow[0] < spread[0] / 2
    assert narrow[1] < spread[1] / 2
    assert narrow[2] == pytest.approx(spread[2], rel=0.1), "the target hardly changes"
    slider.click()
    panel.fragment("guidance.w=5")
    slider.send_keys(Keys.HOME)
    panel.fragment("guidance.w=0")
    panel.complete()
    assert panel.pictures() == first
    assert panel.errors() == []


@pytest.mark.parametrize("solver", ["euler", "ddim", "dpmpp_2m", "rk4"])
def test_solver(page: Page, solver: str) -> None:
    panel = Panel(page)
    before = panel.numbers("std")
    panel.choose("solver", solver)
    panel.fragment(f"guidance.solver={solver}")
    after = panel.numbers("std")
    assert [a != b for a, b in zip(before, after, strict=True)] == [True, True, False]
    assert panel.errors() == []


def test_steps_points_and_noise_by_keyboard(page: Page) -> None:
    panel = Panel(page)
    panel.type("steps", "5")
    panel.fragment("guidance.steps=5")
    assert panel.find(".time").get_property("max") == "5"
    assert panel.find(".time").get_property("value") == "5", "the same time is shown"
    panel.type("n", "30")
    assert panel.numbers("count") == ["30 of 30"] * 3
    before = panel.numbers("mean")
    panel.type("seed", "7")
    seventh = panel.numbers("mean")
    assert set(seventh).isdisjoint(before)
    panel.find(".redraw").send_keys(Keys.ENTER)
    panel.fragment("guidance.seed=8")
    assert set(panel.numbers("mean")).isdisjoint(seventh)
    panel.find(".redraw").click()
    panel.fragment("guidance.seed=9")
    assert panel.errors() == []


def test_time_by_keyboard_and_play(page: Page) -> None:
    panel = Panel(page)
    end, numbers = panel.pictures(), panel.numbers("mean")
    assert panel.find(".level").text == "t = 0.00, sigma = 0.007"
    panel.find(".time").send_keys(Keys.HOME)
    panel.fragment("guidance.t=1")
    assert panel.find(".level").text == "t = 1.00, sigma = 1.000"
    assert set(panel.pictures()).isdisjoint(end)
    assert panel.numbers("mean") == numbers, "they are at t = 0"
    panel.find(".play").click()
    assert panel.find(".play").text == "Pause"
    panel.find(".play").send_keys(Keys.SPACE)
    assert panel.find(".play").text == "Play"
    panel.find(".play").click()
    panel.wait(lambda: panel.find(".level").text.startswith("t = 0.00"))
    panel.wait(lambda: panel.find(".play").text == "Play")
    assert panel.pictures() == end
    assert panel.errors() == []


def test_wrong_input_keeps_the_view(page: Page) -> None:
    panel = Panel(page)
    before = panel.pictures()
    panel.type("steps", "1001")
    assert panel.message().startswith("steps = 1001: must be a whole number from 1 to 1000")
    assert panel.find("[name=steps]").get_attribute("aria-invalid") == "true"
    assert panel.pictures() == before
    panel.type("steps", "8")
    assert panel.message() == ""


def test_names_and_narrow_screens(page: Page) -> None:
    panel = Panel(page)
    controls = "#guidance :is(input, select, button, canvas)"
    for control in panel.browser.find_elements(By.CSS_SELECTOR, controls):
        if control.is_displayed():
            assert control.accessible_name, control.get_attribute("outerHTML")
    panel.page.check_narrow()
    assert panel.errors() == []
