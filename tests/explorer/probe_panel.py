"""The panel "A probe of log p" of a page, for its tests."""

from typing import Any

from selenium.webdriver.common.by import By

from tests.explorer.conftest import Page
from tests.explorer.plane_panel import PlanePanel

LABELS = ["any", "0", "1", "2", "3", "4"]


class Panel(PlanePanel):
    def __init__(self, page: Page, **view: Any) -> None:
        super().__init__(page, "probe", **{"draws": 1024, **view})

    def done(self) -> None:
        """Waits until all draws are made."""
        self.wait(lambda: len(set(self.counts())) == 1)

    def counts(self) -> list[int]:
        """The draws so far, and their bound."""
        words = self.text("output.draws").replace(",", "").split()
        return [int(word) for word in words if word.isdigit()]

    def row(self, label: str) -> dict[str, float]:
        names = ("truth", "elbo", "error", "flow")
        row = f"[data-label-of='{label}']"
        return {name: self.value(f"{row} .{name}") for name in names}

    def labels(self) -> list[str]:
        rows = self.browser.find_elements(By.CSS_SELECTOR, "#probe tbody tr")
        return [row.get_attribute("data-label-of") or "" for row in rows]
