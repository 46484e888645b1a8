"""The panel "What the loss measures" of a page, for its tests."""

from typing import Any

from tests.explorer.conftest import Page
from tests.explorer.plane_panel import PlanePanel

NAMES = ("loss", "floor", "excess")
LEVELS = 25


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
