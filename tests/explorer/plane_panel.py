"""A panel with a canvas of the plane, by mouse and by keyboard."""

from collections.abc import Callable
from typing import Any

from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.select import Select
from selenium.webdriver.support.wait import WebDriverWait

from tests.explorer.conftest import Page

PIXEL = """
const canvas = arguments[0].querySelector('canvas')
const [x, y, reach] = [arguments[1], arguments[2], Number(canvas.dataset.reach ?? 3)]
const place = (value) => Math.round((canvas.width * (reach + value)) / (2 * reach))
return [...canvas.getContext('2d').getImageData(place(x), place(-y), 1, 1).data]
"""
# of a chart, how many points each of its lines has
LINES = """
return [...arguments[0].querySelectorAll('.mark-line path')]
  .map((path) => path.getAttribute('d').split(/[ML]/).length - 1)
"""


class PlanePanel:
    """The panel of a page that was opened with a view, such as {"x": 1}."""

    def __init__(self, page: Page, name: str, **view: Any) -> None:
        self.page, self.browser, self.name = page, page.browser, name
        self.browser.get_log("browser")  # forgets what came before
        self.reopen("&".join(f"{name}.{key}={value}" for key, value in view.items()))

    def reopen(self, fragment: str) -> None:
        self.page.open(f"panel={self.name}&{fragment}")

    def wait(self, condition: Callable[[], Any]) -> None:
        WebDriverWait(self.browser, 20, poll_frequency=0.05).until(lambda _: condition())

    def find(self, css: str) -> WebElement:
        return self.browser.find_element(By.CSS_SELECTOR, f"#{self.name} {css}")

    def text(self, css: str) -> str:
        return self.find(css).text

    def value(self, css: str) -> float:
        """All digits of a number that is shown."""
        return float(self.find(css).get_attribute("value") or "nan")

    def choose(self, name: str, value: str) -> None:
        Select(self.find(f"[name={name}]")).select_by_value(value)

    def type(self, name: str, text: str) -> None:
        self.find(f"[name={name}]").send_keys(Keys.CONTROL, "a", Keys.NULL, text, Keys.TAB)

    def control(self, name: str) -> str:
        return str(self.find(f"[name={name}]").get_property("value"))

    def link(self, **view: Any) -> None:
        """Waits until the address has this view."""
        parts = {f"{self.name}.{key}={value}" for key, value in view.items()}
        self.wait(lambda: parts <= set(self.fragment().split("&")))

    def fragment(self) -> str:
        return self.browser.current_url.partition("#")[2]

    def picture(self) -> str:
        return self.browser.execute_script("return arguments[0].toDataURL()", self.find("canvas"))

    def pixel(self, x: float, y: float) -> list[int]:
        """The colour at a point of the plane."""
        return self.browser.execute_script(PIXEL, self.root(), x, y)

    def root(self) -> WebElement:
        return self.browser.find_element(By.ID, self.name)

    def lines(self, css: str = ".chart") -> list[int]:
        """How many points each line of a chart has."""
        return self.browser.execute_script(LINES, self.find(css))

    def drag(self, *path: tuple[float, float], reach: float) -> None:
        """Presses at the first point of the plane, and moves to the others."""
        canvas = self.find("canvas")
        self.browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", canvas)
        scale = canvas.size["width"] / (2 * reach)
        offsets = [(round(u * scale), round(-v * scale)) for u, v in path]
        chain = ActionChains(self.browser, duration=50)
        chain.move_to_element_with_offset(canvas, *offsets[0]).click_and_hold()
        for offset in offsets[1:]:
            chain.move_to_element_with_offset(canvas, *offset).pause(0.1)
        chain.release().perform()

    def message(self) -> str:
        return self.text(".message")

    def errors(self) -> list[str]:
        return [entry["message"] for entry in self.browser.get_log("browser")]

    def has_names_and_fits(self) -> None:
        """Every control has a name for screen readers; 360 pixels are wide enough."""
        controls = f"#{self.name} :is(input, select, button, canvas, .chart)"
        for control in self.browser.find_elements(By.CSS_SELECTOR, controls):
            if control.is_displayed():
                assert control.accessible_name, control.get_attribute("outerHTML")
        self.page.check_narrow()
