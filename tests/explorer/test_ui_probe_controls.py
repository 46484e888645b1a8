"""The controls of the panel "A probe of log p", by mouse and by keyboard."""

from selenium.webdriver.common.keys import Keys

from tests.explorer.conftest import Page
from tests.explorer.probe_panel import Panel


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


def test_names_and_narrow_screens(page: Page) -> None:
    panel = Panel(page)
    panel.wait(panel.lines)
    panel.has_names_and_fits()
    assert panel.errors() == []
