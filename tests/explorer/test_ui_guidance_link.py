"""The link and the pipeline's command of the panel "Classes and guidance"."""

import pytest
from selenium.webdriver.common.keys import Keys

from tests.explorer.conftest import Page
from tests.explorer.guidance_panel import SMALL, Panel


def test_a_link_may_set_more_weight_than_the_slider_has(page: Page) -> None:
    panel = Panel(page, f"{SMALL}&guidance.w=50")
    assert panel.find(".weight output").text == "50"
    assert panel.find("[name=w]").get_attribute("aria-valuetext") == "50"
    panel.choose("solver", "euler")
    panel.fragment("guidance.w=50")
    assert panel.find(".weight output").text == "50"


def test_a_link_reopens_the_view(page: Page) -> None:
    fragment = f"{SMALL}&guidance.class=2&guidance.seed=3&guidance.t=0.25&guidance.w=0.75"
    panel = Panel(page, fragment)
    panel.find(".time").send_keys(Keys.ARROW_LEFT)
    panel.choose("solver", "ddim")
    panel.fragment("guidance.t=0.375")
    panel.fragment("guidance.solver=ddim")
    panel.complete()
    url, pictures = panel.browser.current_url, panel.pictures()
    panel.browser.get("about:blank")
    panel.reopen(url)
    panel.complete()
    assert panel.pictures() == pictures
    assert panel.browser.current_url == url
    assert panel.find(".weight output").text == "0.75"


@pytest.mark.parametrize(
    ("fragment", "sentence"),
    [
        ("n=0", "points = 0: must be a whole number from 1 to 3000"),
        ("w=101", "guidance weight w = 101: must be a number from 0 to 100"),
        ("w=", "guidance weight w = NaN: must be a number from 0 to 100"),
        ("class=5", "class = 5: must be one of 0, 1, 2, 3, 4"),
        ("solver=toString", "solver = toString: must be one of euler, ddim"),
        ("t=1.5", "time = 1.5: must be a number from 0 to 1"),
        ("seed=524288", "seed = 524288: must be a whole number from 0 to 524287"),
    ],
)
def test_a_wrong_link_gets_a_sentence(page: Page, fragment: str, sentence: str) -> None:
    panel = Panel(page, f"panel=guidance&guidance.{fragment}")
    assert panel.message().startswith(sentence)
    assert panel.value("n") == "600"
    assert panel.errors() == []


def test_a_class_without_points_is_refused(page: Page) -> None:
    script = """
    const { INITIAL, makeCheck } = await import("explorer/panels/guidance/view.js");
    const check = makeCheck({ square: false, regions: [[], []], labels: [0, 0] });
    check({ ...INITIAL, class: "0" });
    check({ ...INITIAL, class: "1" });
    """
    assert page.run(script) == "RangeError: class 1 has no points: choose another"


def test_the_pipelines_command(page: Page) -> None:
    """The class, a ninth of the square, gets the view's number of points."""
    panel = Panel(page, f"{SMALL}&guidance.class=0&guidance.w=0.5")
    assert panel.find(".command").get_property("value") == (
        "dvc exp run -S 'sample_conditional.guidance=[0.5,1]' "
        "-S sample_conditional.guided_steps=8 -S sample_conditional.points=540"
    )
    panel.find("[name=w]").send_keys(Keys.HOME)
    panel.wait(lambda: panel.find(".no-pipeline").is_displayed())
    panel.find("[name=w]").send_keys(Keys.END)
    panel.wait(lambda: panel.find(".pipeline").is_displayed())
    panel.choose("solver", "euler")
    assert not panel.find(".pipeline").is_displayed()
