"""The panel "The score field" of a page, for its tests."""

import re
from collections.abc import Callable
from typing import Any

from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.select import Select
from selenium.webdriver.support.wait import WebDriverWait

from tests.explorer.conftest import Page

PICTURES = "return [...document.querySelectorAll('#field .plane')].map((c) => c.toDataURL())"


class Panel:
    """The panel of a page that was opened with values of its view."""

    def __init__(self, page: Page, **view: Any) -> None:
        self.page, self.browser = page, page.browser
        self.browser.get_log("browser")  # forgets what came before
        self.browser.get("about:blank")  # or else the same document is kept
        values = "".join(f"&field.{key}={value}" for key, value in view.items())
        self.reopen(f"{page.address}#panel=field{values}")

    def reopen(self, url: str) -> None:
        self.browser.get(url)
        ready = "return document.documentElement.dataset.ready"
        self.wait(lambda: self.browser.execute_script(ready))

    def wait(self, condition: Callable[[], Any]) -> None:
        WebDriverWait(self.browser, 60, poll_frequency=0.05).until(lambda _: condition())

    def find(self, css: str) -> WebElement:
        return self.browser.find_element(By.CSS_SELECTOR, f"#field {css}")

    def number(self, name: str) -> list[float]:
        """The numbers in an element, once they are of the view that is wanted."""
        self.wait(lambda: self.find(".excess").text not in {"", "\u2026"})
        text = self.find(f".{name}").text.replace("\u2212", "-")
        return [float(found) for found in re.findall(r"-?[\d.]+(?:e-?\d+)?", text)]

    def pictures(self) -> list[str]:
        self.number("excess")
        return self.browser.execute_script(PICTURES)

    def ends(self, name: str) -> list[str]:
        """The texts of a heat map's scale."""
        self.number("excess")
        css = f"#field .plane.{name} ~ .ends span"
        return [found.text for found in self.browser.find_elements(By.CSS_SELECTOR, css)]

    def value(self, name: str) -> str:
        return str(self.find(f"[name={name}]").get_property("value"))

    def choose(self, name: str, value: str) -> None:
        Select(self.find(f"[name={name}]")).select_by_value(value)

    def type(self, name: str, text: str) -> None:
        self.find(f"[name={name}]").send_keys(Keys.CONTROL, "a", Keys.NULL, text, Keys.TAB)

    def fragment(self, part: str) -> None:
        """Waits until the address has this part."""
        self.wait(lambda: part in self.browser.current_url.partition("#")[2])

    def drag(self, name: str, *path: tuple[float, float]) -> None:
        """Presses at the first point of the plane, moves along the others, and releases."""
        canvas = self.find(f".plane.{name}")
        self.browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", canvas)
        scale = canvas.size["width"] / 6
        chain = ActionChains(self.browser, duration=50)
        for i, (x, y) in enumerate(path):
            chain.move_to_element_with_offset(canvas, round(x * scale), round(-y * scale))
            if i == 0:
                chain.click_and_hold()
        chain.release().perform()

    def errors(self) -> list[str]:
        return [entry["message"] for entry in self.browser.get_log("browser")]
