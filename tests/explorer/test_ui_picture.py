"""A panel saved as a picture, and the panels' buttons."""

import io
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest
from matplotlib.image import imread
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.wait import WebDriverWait

from tests.explorer.conftest import Page

SVG = "{http://www.w3.org/2000/svg}"
PANELS = ("noise-to-data", "field", "guidance", "probe", "loss", "gpt", "inversion")


def saved(page: Page, button: str, file: Path) -> bytes:
    """What a button saves."""
    page.browser.execute_cdp_cmd(
        "Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(file.parent)}
    )
    page.browser.find_element(By.CLASS_NAME, button).send_keys(Keys.ENTER)  # it may still move
    WebDriverWait(page.browser, 20).until(lambda _: file.is_file() and file.stat().st_size)
    return file.read_bytes()


def settle(page: Page, panel: str) -> None:
    """Wait until the panel no longer grows: its charts are drawn when their numbers are there."""
    script = "return document.getElementById(arguments[0]).scrollHeight"
    heights = [0]

    def stays(_: object) -> bool:
        heights.append(page.browser.execute_script(script, panel))
        return len(set(heights[-4:])) == 1

    WebDriverWait(page.browser, 60, poll_frequency=0.5).until(stays)


@pytest.mark.parametrize("panel", PANELS)
def test_the_shown_panel_is_saved(page: Page, panel: str, tmp_path: Path) -> None:
    page.open(f"panel={panel}")
    settle(page, panel)
    svg = ET.fromstring(saved(page, "save-svg", tmp_path / f"{panel}.svg"))
    texts = " ".join(text.text or "" for text in svg.iter(f"{SVG}text"))
    title = page.browser.find_element(By.CSS_SELECTOR, f"#{panel} h2").text
    assert title in texts
    canvases = page.browser.find_elements(By.CSS_SELECTOR, f"#{panel} canvas")
    shown = [canvas for canvas in canvases if canvas.is_displayed()]
    assert len(list(svg.iter(f"{SVG}image"))) == len(shown)

    png = imread(io.BytesIO(saved(page, "save-png", tmp_path / f"{panel}.png")), format="png")
    width, height = (float(svg.get(name, "nan")) for name in ("width", "height"))
    assert png.shape[:2] == pytest.approx((2 * height, 2 * width), abs=2)
    assert len(np.unique(png.reshape(-1, png.shape[2]), axis=0)) > 10  # something is drawn


def test_what_the_browser_breaks_or_hides_is_drawn_as_it_is(page: Page) -> None:
    script = """
        const { pictureOf } = await import("explorer/ui/picture.js")
        const box = document.createElement("div")
        box.style.width = "6em"
        box.innerHTML = `<p> several words here, on lines</p><p hidden>hidden</p>
            <p style="visibility: hidden">invisible</p><input value="typed">
            <select><option>one</option><option selected>two</option></select>
            <input type="range" min="0" max="4" value="1" style="width: 80px; margin: 0">
            <canvas width="8" height="1" style="width: 80px; height: 20px; aspect-ratio: auto">`
        document.body.append(box)
        const svg = pictureOf(box)
        box.remove()
        return svg
    """
    svg = ET.fromstring(page.run(script))
    texts = [text.text or "" for text in svg.iter(f"{SVG}text")]
    lines = texts[:-2]
    assert " ".join(lines).split() == ["several", "words", "here,", "on", "lines"]
    assert [line[0] for line in lines] == [line.strip()[0] for line in lines]  # spaces it collapsed
    assert len(lines) > 1
    assert texts[-2] == "typed"
    assert texts[-1].startswith("two")
    (knob,) = svg.iter(f"{SVG}circle")
    (line,) = (each for each in svg.iter(f"{SVG}line") if each.get("y1") == knob.get("cy"))
    start, end, at = float(line.get("x1", "")), float(line.get("x2", "")), float(knob.get("cx", ""))
    assert (at - start) / (end - start) == pytest.approx(0.25)
    (image,) = svg.iter(f"{SVG}image")
    assert (image.get("width"), image.get("height")) == ("80", "20")
    assert image.get("preserveAspectRatio") == "none"


def test_one_panel_is_shown_by_mouse_keyboard_and_link(page: Page) -> None:
    page.open()
    buttons = page.browser.find_elements(By.CSS_SELECTOR, "nav button")
    sections = page.browser.find_elements(By.CSS_SELECTOR, "main > section")

    def shown() -> list[str | None]:
        return [each.get_attribute("id") for each in sections if each.is_displayed()]

    assert shown() == [PANELS[0]]
    for button, panel in zip(buttons, PANELS, strict=True):
        button.click()
        assert shown() == [panel]
    WebDriverWait(page.browser, 20).until(
        lambda _: f"panel={PANELS[-1]}" in page.browser.current_url
    )
    buttons[0].send_keys(Keys.ENTER)
    assert shown() == [PANELS[0]]
    assert buttons[0].get_attribute("aria-current") is not None
    assert buttons[1].get_attribute("aria-current") is None
    WebDriverWait(page.browser, 20).until(lambda _: "panel=" not in page.browser.current_url)


def test_a_panel_that_does_not_exist_gets_a_sentence(page: Page) -> None:
    page.open("panel=tea-party")
    message = page.browser.find_element(By.CLASS_NAME, "page-message").text
    assert message.startswith("tea-party: there is no such panel. It must be one of noise-to-data,")
    assert page.browser.find_element(By.ID, "noise-to-data").is_displayed()
