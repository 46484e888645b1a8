"""A link reopens the view of the panel "What the loss measures", unless it is wrong."""

from typing import Any

import pytest
from selenium.webdriver.common.keys import Keys

from tests.explorer.conftest import Page
from tests.explorer.loss_panel import Panel


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
