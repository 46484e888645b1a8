"""The panel "The GPT" of a page, for its tests."""

from collections.abc import Callable
from typing import Any

from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.wait import WebDriverWait

from tests.explorer.conftest import Page

PROMPT = "Alice was tired of"


class Panel:
    """The panel's elements by class or name, and its numbers."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def __getitem__(self, name: str) -> WebElement:
        """The element with this class, or the control of this name."""
        css = f"#gpt :is(.{name}, [name={name}])"
        return self.page.browser.find_element(By.CSS_SELECTOR, css)

    def all(self, selector: str) -> list[WebElement]:
        return self.page.browser.find_elements(By.CSS_SELECTOR, f"#gpt {selector}")

    def text(self, selector: str) -> list[str]:
        """Of all elements that fit, spaces kept."""
        script = "return [...document.querySelectorAll(arguments[0])].map((e) => e.textContent)"
        texts: list[str] = self.page.run(script, f"#gpt {selector}")
        return texts

    def tokens(self) -> list[str]:
        return self.text(".tokens .token")

    def wait_for(self, count: int) -> None:
        """Until so many tokens are shown, and their next token, too."""
        self.page.browser.execute_script("document.querySelector('#gpt').scrollIntoView()")
        WebDriverWait(self.page.browser, 20).until(lambda _: len(self.tokens()) == count + 1)
        WebDriverWait(self.page.browser, 20).until(lambda _: self.text(".distribution tbody tr"))

    def type(self, prompt: str) -> None:
        """Replace the prompt by one that has no line break."""
        self["prompt"].send_keys(Keys.CONTROL, "a")
        self["prompt"].send_keys(prompt or Keys.DELETE)

    def message(self, wanted: str) -> None:
        WebDriverWait(self.page.browser, 20).until(lambda _: wanted in self["message"].text)

    def number(self, name: str) -> float:
        """Of a <dd>, once it is known."""
        WebDriverWait(self.page.browser, 60).until(lambda _: self[name].text not in ("", "none"))
        return float(self[name].text.replace("\u2212", "-"))

    def until(self, condition: Callable[[], Any]) -> None:
        WebDriverWait(self.page.browser, 60, poll_frequency=0.05).until(lambda _: condition())

    def fragment(self, part: str) -> None:
        """Until the link has this part."""
        self.until(lambda: part in self.page.browser.current_url.partition("#")[2].split("&"))
