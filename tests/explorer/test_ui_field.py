"""The explorer's panel "The score field", by mouse and by keyboard."""

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from tests.explorer.conftest import Page
from tests.explorer.field_panel import Panel


@pytest.mark.parametrize(
    ("name", "value", "changed"),
    [
        ("model", "plain", [True, False, True]),
        ("model", "conditional", [True, False, True]),
        ("label", "1", [True, True, True]),
        ("heat", "norm", [True, True, True]),
    ],
)
def test_choices_change_pictures_and_link(
    page: Page, name: str, value: str, changed: list[bool]
) -> None:
    panel = Panel(page, t=0.5, x=2.9, y=2.9)
    before = panel.pictures()
    panel.choose(name, value)
    panel.fragment(f"field.{name}={value}")
    # the point's line to the denoised point changes with the model, too
    after = panel.pictures()
    assert [a != b for a, b in zip(before, after, strict=True)] == changed
    assert panel.errors() == []


def test_a_class_needs_the_conditional_network(page: Page) -> None:
    panel = Panel(page)
    assert "evaluate_diffusion.levels=25" in panel.find(".command").get_property("value")
    panel.choose("label", "4")
    assert panel.value("model") == "conditional"
    assert panel.find(".no-pipeline").is_displayed()
    panel.choose("model", "plain")
    assert panel.value("label") == "none"
    assert panel.find(".command").get_property("value") == (
        "dvc exp run -S evaluate_plain.levels=25 -S evaluate_plain.level_draws=4000"
    )
    assert panel.errors() == []


def test_time_by_keyboard_and_play(page: Page) -> None:
    panel = Panel(page)
    first = panel.pictures()
    panel.find(".time").send_keys(Keys.HOME)
    panel.wait(lambda: panel.find(".level").text == "t = 1.00, sigma = 1.000")
    panel.fragment("field.t=1")
    second = panel.pictures()
    panel.find(".time").send_keys(Keys.ARROW_RIGHT)
    panel.wait(lambda: panel.find(".level").text == "t = 0.99, sigma = 0.951")
    assert set(first).isdisjoint(second)
    panel.find(".play").send_keys(Keys.SPACE, Keys.SPACE)  # paused somewhere
    assert panel.find(".play").text == "Play"
    assert float(panel.find(".level").text[4:8]) > 0
    panel.find(".play").click()
    panel.wait(lambda: panel.find(".level").text == "t = 0.00, sigma = 0.007")
    assert panel.find(".play").text == "Play"
    panel.fragment("field.t=0")
    assert set(panel.pictures()).isdisjoint(second)
    assert panel.errors() == []


@pytest.mark.parametrize("name", ["network", "exact", "difference"])
def test_a_point_by_mouse(page: Page, name: str) -> None:
    panel = Panel(page)
    before = panel.pictures()
    panel.drag(name, (0, 0), (1, 1), (-2, 1.5))
    panel.wait(lambda: float(panel.value("x")) == pytest.approx(-2, abs=0.03))
    assert float(panel.value("y")) == pytest.approx(1.5, abs=0.03)
    panel.fragment("field.x=-")
    assert set(panel.pictures()).isdisjoint(before)
    x, _ = panel.number("exact-score")
    assert x > 0  # to the right, back to the square
    assert panel.errors() == []


def test_a_point_by_keyboard(page: Page) -> None:
    panel = Panel(page, x=2.9, y=0)
    canvas = panel.find(".plane.exact")
    canvas.send_keys(Keys.ARROW_RIGHT, Keys.ARROW_RIGHT)
    assert panel.value("x") == "3"  # and not beyond
    canvas.send_keys(Keys.ARROW_LEFT, Keys.ARROW_UP, Keys.ARROW_UP, Keys.ARROW_DOWN)
    assert (panel.value("x"), panel.value("y")) == ("2.9", "0.1")
    canvas.send_keys(Keys.SHIFT, Keys.ARROW_UP)
    assert panel.value("y") == "0.11"
    panel.type("x", "-1.5")
    panel.type("y", "-0.25")
    panel.fragment("field.x=-1.5")
    panel.fragment("field.y=-0.25")
    assert panel.errors() == []


def test_a_link_reopens_the_view(page: Page) -> None:
    view = {"model": "conditional", "label": 3, "heat": "norm", "t": 0.73, "x": -1.2345, "y": 2}
    panel = Panel(page, **view)
    panel.number("excess")
    panel.find(".plane.network").send_keys(Keys.ARROW_DOWN)
    panel.fragment("field.y=1.9")
    pictures, url = panel.pictures(), panel.browser.current_url
    numbers = [found.text for found in panel.browser.find_elements(By.CSS_SELECTOR, "#field dd")]
    panel.browser.get("about:blank")
    panel.reopen(url)
    assert panel.pictures() == pictures
    again = [found.text for found in panel.browser.find_elements(By.CSS_SELECTOR, "#field dd")]
    assert again == numbers
    assert panel.browser.current_url == url
    assert all(f"field.{key}={value}" in url for key, value in view.items() if key != "y")


@pytest.mark.parametrize(
    ("view", "sentence"),
    [
        ({"model": "exact"}, "model = exact: must be one of diffusion, plain, conditional"),
        ({"label": "7", "model": "conditional"}, "class = 7: must be one of"),
        ({"label": "2"}, "class = 2: only the conditional network has classes"),
        ({"heat": "x"}, "heat map = x: must be one of density, norm"),
        ({"t": "1.5"}, "t = 1.5: must be a number from 0 to 1"),
        ({"t": ""}, "t = NaN: must be a number from 0 to 1"),
        ({"x": "4"}, "point: x = 4: must be a number from -3 to 3"),
        ({"y": "a"}, "y = NaN: must be a number from -3 to 3"),
    ],
)
def test_a_wrong_link_gets_a_sentence(page: Page, view: dict[str, str], sentence: str) -> None:
    panel = Panel(page, **view)
    assert panel.find(".message").text.startswith(sentence)
    assert panel.value("model") == "diffusion"
    panel.number("excess")  # the view that is shown works
    assert panel.errors() == []


def test_wrong_input_gets_a_sentence_and_keeps_the_view(page: Page) -> None:
    panel = Panel(page)
    before = panel.pictures()
    panel.type("x", "5")
    assert panel.find(".message").text.startswith("point: x = 5: must be a number from -3 to 3")
    assert panel.find("[name=x]").get_attribute("aria-invalid") == "true"
    assert panel.pictures() == before
    panel.type("x", "0.5")
    assert panel.find(".message").text == ""
    assert panel.pictures() != before


def test_dark_pictures(page: Page) -> None:
    panel = Panel(page)
    before = panel.pictures()
    dark = {"features": [{"name": "prefers-color-scheme", "value": "dark"}]}
    panel.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", dark)
    try:
        panel.wait(lambda: set(panel.pictures()).isdisjoint(before))
    finally:
        panel.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
    panel.wait(lambda: panel.pictures() == before)
    assert panel.errors() == []


def test_names_and_narrow_screens(page: Page) -> None:
    panel = Panel(page, model="conditional", label=1, t=0, x=-1.5, y=2)
    panel.number("excess")
    controls = "#field :is(input, select, button, canvas.plane)"
    for control in panel.browser.find_elements(By.CSS_SELECTOR, controls):
        if control.is_displayed():
            assert control.accessible_name, control.get_attribute("outerHTML")
    panel.page.check_narrow()
    assert panel.errors() == []
