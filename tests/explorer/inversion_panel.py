"""The panel "Inversion" of a page, for its tests."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.wait import WebDriverWait

from lookingglass.gpt.model import GPT
from tests.explorer.conftest import SENTENCE, Page

LAST = 30


class Panel:
    """The panel of a page that was opened with a fragment."""

    def __init__(self, page: Page, fragment: str = "") -> None:
        self.page, self.browser = page, page.browser
        self.browser.get_log("browser")  # forgets what came before
        parts = [f"inversion.{part}" for part in fragment.split("&") if part]
        page.open("&".join(["panel=inversion", *parts]))

    def wait(self, condition: Callable[[], Any]) -> None:
        WebDriverWait(self.browser, 20, poll_frequency=0.05).until(lambda _: condition())

    def find(self, css: str) -> WebElement:
        return self.browser.find_element(By.CSS_SELECTOR, f"#inversion {css}")

    def text(self, css: str) -> str:
        return self.find(css).get_property("textContent")

    def texts(self, css: str) -> list[str]:
        """With all their spaces, as the driver's own text would not be."""
        found = self.browser.find_elements(By.CSS_SELECTOR, f"#inversion {css}")
        return [element.get_property("textContent") for element in found]

    def level(self) -> str:
        return self.text(".level")

    def fragment(self, part: str) -> None:
        """Waits until the address has this part."""
        self.wait(lambda: part in self.browser.current_url.partition("#")[2])

    def charts(self) -> list[str]:
        """What the charts show, once they are drawn."""
        self.wait(lambda: len(self.browser.find_elements(By.CSS_SELECTOR, "#inversion svg")) == 2)
        return [self.find(f".{name}-chart").get_property("innerHTML") for name in CHARTS]

    def errors(self) -> list[str]:
        return [entry["message"] for entry in self.browser.get_log("browser")]


CHARTS = ("matches", "loss")


def shown(text: str) -> str:
    """A token as the page shows it."""
    return (text if text.strip(" ") else text.replace(" ", "\u2423")).replace("\n", "\u21b5")


def check_shown(panel: Panel, gpt: GPT, place: int, by: str, position: int) -> None:
    """The panel shows the state that the console gives."""
    state = panel.page.call("inversion.at", place)

    def tokens(ids: list[int]) -> list[str]:
        return [shown(gpt.decode(torch.tensor([id]))) for id in ids]

    vectors, near = state["vectors"], state[by]
    assert panel.texts(".says .token") == tokens(vectors["ids"])
    assert panel.texts(".nearest .token") == tokens(near["ids"])
    assert panel.texts(".nearest .number") == [f"{value:.2f}" for value in near["values"]]
    assert panel.texts(".says-nearest .token") == tokens(near["output"]["ids"])
    hits = [id == own for id, own in zip(vectors["ids"], gpt.encode(SENTENCE), strict=True)]
    assert ["✓" in text for text in panel.texts(".says .number")] == hits
    assert panel.text("dd.matches") == f"{vectors['matches']} of 9" == f"{sum(hits)} of 9"
    assert panel.text("dd.nearest-matches") == f"{near['output']['matches']} of 9"
    assert float(panel.text("dd.loss")) == pytest.approx(vectors["loss"], abs=6e-4)
    assert float(panel.text("dd.nearest-loss")) == pytest.approx(near["output"]["loss"], abs=6e-4)
    mean = sum(near["values"]) / 9
    assert float(panel.text("dd.similarity")) == pytest.approx(mean, abs=6e-4)
    log_prob = vectors["logProbs"][position - 1]
    assert float(panel.text("dd.log-prob")) == pytest.approx(log_prob, abs=6e-3)
    around = panel.page.call("inversion.around", place, position - 1, by, 6)
    for name in ("likeliest", "nearest"):
        css = {"likeliest": ".likeliest", "nearest": ".closest"}[name]
        assert panel.texts(f"{css} .token") == tokens([item["id"] for item in around[name]])
    wanted = panel.text("dd.wanted-similarity")
    assert float(wanted) == pytest.approx(around["wanted"], abs=6e-4)


def pressed(panel: Panel) -> list[bool]:
    buttons = panel.browser.find_elements(By.CSS_SELECTOR, "#inversion .wanted")
    return [button.get_attribute("aria-pressed") == "true" for button in buttons]
