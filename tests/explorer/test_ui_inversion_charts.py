"""The charts, links and screens of the panel "Inversion"."""

import re

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from lookingglass.gpt.model import GPT
from lookingglass.gpt.recording import Recording
from tests.explorer.conftest import Page
from tests.explorer.inversion_panel import CHARTS, LAST, Panel, check_shown, pressed


def test_charts_mark_the_iteration(page: Page) -> None:
    panel = Panel(page, "step=10")
    charts = panel.charts()
    assert panel.text(".computing") == ""
    for name in CHARTS:
        assert panel.find(f".{name}-chart").accessible_name
        assert len(panel.texts(f".{name}-chart .mark-line path")) == 2
        assert "nearest tokens" in panel.text(f".{name}-chart")
    place = "return document.querySelector('#inversion .loss-chart .mark-rule.role-mark line')"
    place += ".getBoundingClientRect().x"
    before = panel.browser.execute_script(place)
    panel.find(".time").send_keys(Keys.END)
    panel.wait(lambda: panel.browser.execute_script(place) > before + 20)
    assert panel.charts() != charts
    assert panel.errors() == []


def test_a_chart_has_the_losses(page: Page, recording: Recording) -> None:
    panel = Panel(page)
    panel.charts()
    path = str(panel.find(".loss-chart .mark-line path").get_attribute("d"))
    points = [tuple(map(float, pair.split(","))) for pair in re.findall(r"[-\d.]+,[-\d.]+", path)]
    assert len(points) == len(recording.steps)
    losses = [page.call("inversion.at", i)["vectors"]["loss"] for i in range(len(points))]
    slope = (points[-1][1] - points[0][1]) / (losses[-1] - losses[0])
    for (x, y), loss, step in zip(points, losses, recording.steps.tolist(), strict=True):
        assert y == pytest.approx(points[0][1] + slope * (loss - losses[0]), abs=0.1)
        assert x == pytest.approx(points[-1][0] * step / LAST, abs=0.1)


def test_a_link_reopens_the_view(page: Page, gpt: GPT) -> None:
    panel = Panel(page, "step=7&position=3&by=distance")
    check_shown(panel, gpt, 7, "distance", 3)
    panel.find(".time").send_keys(Keys.ARROW_RIGHT)
    panel.fragment("inversion.step=8")
    url = panel.browser.current_url
    panel.browser.get("about:blank")
    page.open(url.partition("#")[2])
    check_shown(panel, gpt, 8, "distance", 3)
    assert panel.browser.current_url == url
    page.browser.get(url.replace("position=3", "position=4"))  # within the same document
    panel.wait(lambda: panel.text(".chosen").startswith("Position 4,"))


def test_an_iteration_that_is_not_recorded(page: Page, gpt: GPT, recording: Recording) -> None:
    """The last one before it is shown."""
    steps = recording.steps.tolist()
    missing = next(step for step in range(LAST) if step not in steps)
    panel = Panel(page, f"step={missing}")
    place = max(i for i, step in enumerate(steps) if step < missing)
    assert panel.level() == f"iteration {steps[place]} of {LAST}"
    assert panel.find(".time").get_property("value") == str(place)
    check_shown(panel, gpt, place, "cosine", 1)


@pytest.mark.parametrize(
    ("fragment", "sentence"),
    [
        ("step=31", "iteration = 31: must be a whole number from 0 to 30"),
        ("step=", "iteration = NaN: must be a whole number from 0 to 30"),
        ("step=1.5", "iteration = 1.5: must be a whole number from 0 to 30"),
        ("position=0", "position = 0: must be a whole number from 1 to 9"),
        ("position=10", "position = 10: must be a whole number from 1 to 9"),
        ("by=toString", "nearest token by = toString: must be one of cosine, distance"),
    ],
)
def test_a_wrong_link_gets_a_sentence(page: Page, fragment: str, sentence: str) -> None:
    panel = Panel(page, fragment)
    assert panel.text(".message").startswith(sentence)
    assert panel.level() == f"iteration 0 of {LAST}"
    assert pressed(panel).index(True) == 0
    assert panel.errors() == []


def test_names_and_narrow_screens(page: Page) -> None:
    panel = Panel(page, "step=20")
    panel.charts()
    controls = "#inversion :is(input, select, button)"
    for control in panel.browser.find_elements(By.CSS_SELECTOR, controls):
        if control.is_displayed():
            assert control.accessible_name, control.get_attribute("outerHTML")
    panel.page.check_narrow()
    assert panel.errors() == []


def test_own_points_change_nothing(own_page: Page, gpt: GPT) -> None:
    panel = Panel(own_page, "step=3")
    check_shown(panel, gpt, 3, "cosine", 1)
    assert panel.errors() == []


def test_a_picture_has_the_sentence_and_the_charts(page: Page) -> None:
    panel = Panel(page, f"step={LAST}")
    panel.charts()
    svg = page.run("""
      const { pictureOf } = await import("explorer/ui/picture.js");
      return pictureOf(document.querySelector("#inversion"));
    """)
    assert svg.count(" squirrel<") >= 2
    assert svg.count(">nearest tokens</text>") == 2
