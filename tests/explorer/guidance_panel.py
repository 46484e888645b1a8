"""The panel "Classes and guidance" of a page, for its tests."""

import re

from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement

from tests.explorer.conftest import Page
from tests.explorer.test_ui_diffusion import Panel as PanelOfNoise

SMALL = "panel=guidance&guidance.n=60&guidance.steps=8"
FIGURES = ("network", "exact", "tilted")


class Panel(PanelOfNoise):
    """The panel of a page that was opened with a fragment."""

    def __init__(self, page: Page, fragment: str = SMALL) -> None:
        super().__init__(page, fragment)
        self.complete()

    def find(self, css: str) -> WebElement:
        return self.browser.find_element(By.CSS_SELECTOR, f"#guidance {css}")

    def pictures(self) -> list[str]:
        canvases = "[...document.querySelectorAll('#guidance canvas')]"
        pictures: list[str] = self.browser.execute_script(
            f"return {canvases}.map((c) => c.toDataURL())"
        )
        return pictures

    def complete(self) -> None:
        """Waits until all points of all pictures are known."""
        n = self.find("[name=n]").get_property("value")
        for figure in FIGURES:
            count = self.find(f"figure.{figure} .count")
            self.wait(lambda count=count: count.text == f"{n} of {n}")

    def number(self, figure: str, name: str) -> list[float]:
        """One or two numbers, percentages as fractions, once they are complete."""
        self.complete()
        text = self.find(f"figure.{figure} dd.{name}").text.replace("\u2212", "-")
        scale = 0.01 if "%" in text else 1.0
        return [scale * float(number) for number in re.findall(r"-?\d+\.\d+", text)]

    def numbers(self, name: str) -> list[str]:
        """The same of all three pictures, as they are shown."""
        self.complete()
        return [self.find(f"figure.{figure} dd.{name}").text for figure in FIGURES]

    def value(self, name: str) -> str:
        return str(self.find(f"[name={name}]").get_property("value"))

    def click_plane(self, figure: str, x: float, y: float) -> None:
        canvas = self.find(f"figure.{figure} canvas")
        self.browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", canvas)
        scale = canvas.size["width"] / 3
        chain = ActionChains(self.browser, duration=50)
        chain.move_to_element_with_offset(canvas, round(x * scale), round(-y * scale))
        chain.click().perform()
