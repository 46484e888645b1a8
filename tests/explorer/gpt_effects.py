"""The panel "The GPT" with a text whose tokens are replaced and heads silenced, for its tests."""

from collections.abc import Iterator
from typing import Any

from selenium.webdriver.common.by import By

from tests.explorer.conftest import Page
from tests.explorer.gpt_panel import Panel

TEXT = "Alice thought to herself, and the Queen of"
CHOSEN = 7  # " Queen"
OPEN = f"panel=gpt&gpt.replacements=10&gpt.prompt={TEXT}"


def opened(page: Page) -> Iterator[Panel]:
    """The fixture `panel`: the text's panel, without an error at the end."""
    page.browser.get_log("browser")
    page.open(OPEN)
    panel = Panel(page)
    panel.wait_for(9)
    yield panel
    assert page.browser.get_log("browser") == []


def head(panel: Panel, block: int, number: int) -> Any:
    css = f"#gpt [data-head='{block}.{number}']"
    return panel.page.browser.find_element(By.CSS_SELECTOR, css)
