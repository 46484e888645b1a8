"""The chart and the shading of the panel "A probe of log p"."""

from tests.explorer.conftest import Page
from tests.explorer.probe_panel import Panel


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
