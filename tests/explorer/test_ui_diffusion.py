"""The explorer's panel "From noise to data", by mouse and by keyboard."""

from collections.abc import Callable
from typing import Any

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.select import Select
from selenium.webdriver.support.wait import WebDriverWait

from tests.explorer.conftest import Page

PICTURES = (
    "return [...document.querySelectorAll('#noise-to-data canvas')].map((c) => c.toDataURL())"
)


class Panel:
    """The panel of a page that was opened with a fragment."""

    def __init__(self, page: Page, fragment: str = "n=40&steps=10") -> None:
        self.page, self.browser = page, page.browser
        self.browser.get_log("browser")  # forgets what came before
        self.browser.get("about:blank")  # or else the same document is kept
        self.reopen(f"{page.address}#{fragment}")

    def reopen(self, url: str) -> None:
        self.browser.get(url)
        ready = "return document.documentElement.dataset.ready"
        self.wait(lambda: self.browser.execute_script(ready))

    def wait(self, condition: Callable[[], Any]) -> None:
        WebDriverWait(self.browser, 20, poll_frequency=0.05).until(lambda _: condition())

    def find(self, css: str) -> WebElement:
        return self.browser.find_element(By.CSS_SELECTOR, f"#noise-to-data {css}")

    def pictures(self) -> list[str]:
        return self.browser.execute_script(PICTURES)

    def numbers(self, name: str) -> list[str]:
        """Of both sides, once they are complete."""
        css = f"#noise-to-data dd.{name}"

        def read() -> list[str]:
            return [found.text for found in self.browser.find_elements(By.CSS_SELECTOR, css)]

        self.wait(lambda: not any("so far" in text or "…" in text for text in read()))
        return read()

    def choose(self, name: str, value: str) -> None:
        Select(self.find(f"[name={name}]")).select_by_value(value)

    def type(self, name: str, text: str) -> None:
        self.find(f"[name={name}]").send_keys(Keys.CONTROL, "a", Keys.NULL, text, Keys.TAB)

    def fragment(self, part: str) -> None:
        """Waits until the address has this part."""
        self.wait(lambda: part in self.browser.current_url.partition("#")[2])

    def message(self) -> str:
        return self.find(".message").text

    def errors(self) -> list[str]:
        return [entry["message"] for entry in self.browser.get_log("browser")]

    def drag(self, x: float, y: float, to: tuple[float, float]) -> None:
        """Drags from a point of the plane to another on the left canvas."""
        canvas = self.find("canvas.left")
        self.browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", canvas)
        scale = canvas.size["width"] / 6
        offsets = [(round(u * scale), round(-v * scale)) for u, v in [(x, y), to]]
        chain = ActionChains(self.browser, duration=50)
        chain.move_to_element_with_offset(canvas, *offsets[0]).click_and_hold()
        chain.move_to_element_with_offset(canvas, *offsets[1]).pause(0.1).release().perform()


@pytest.mark.parametrize(
    ("name", "value", "number"),
    [
        ("left", "plain", "rmse"),
        ("right", "diffusion", "rmse"),
        ("leftSolver", "heun", "nfe"),
        ("rightSolver", "rk4", "nfe"),
        ("schedule", "linear", "rmse"),
        ("prior", "matched", "std"),
    ],
)
def test_choices_change_samples_and_link(page: Page, name: str, value: str, number: str) -> None:
    panel = Panel(page, "n=40&steps=10&step=10")
    before = panel.numbers(number)
    pictures = panel.pictures()
    panel.choose(name, value)
    after = panel.numbers(number)
    changed = [old != new for old, new in zip(before, after, strict=True)]
    sides = {"l": [True, False], "r": [False, True]}.get(name[0], [True, True])
    assert changed == ([True, True] if name in {"schedule", "prior"} else sides)
    new_pictures = panel.pictures()
    assert [a != b for a, b in zip(pictures, new_pictures, strict=True)] == changed
    panel.fragment(f"{name}={value}")
    assert panel.errors() == []


def test_numbers_of_points_and_steps_by_keyboard(page: Page) -> None:
    panel = Panel(page)
    assert panel.numbers("nfe") == ["11", "11"]
    panel.type("steps", "20")
    assert panel.numbers("nfe") == ["21", "21"]
    assert panel.find(".time").get_property("max") == "20"
    panel.type("n", "3")
    panel.fragment("n=3")
    assert "sample.points=3 -S sample.steps=20" in panel.find(".command").get_property("value")
    assert "first 3 points" in panel.find(".rmse-note").text
    assert panel.errors() == []


def test_eta_by_keyboard(page: Page) -> None:
    panel = Panel(page, "n=40&steps=10&step=10")
    before = panel.pictures()
    panel.find("[name=eta]").send_keys(Keys.END)
    panel.fragment("eta=1")
    assert set(panel.pictures()).isdisjoint(before)
    assert panel.numbers("rmse") == ["none", "none"]
    assert not panel.find(".pipeline").is_displayed()
    assert panel.find(".no-pipeline").is_displayed()
    panel.choose("leftSolver", "dpmpp_2m")
    assert "needs a solver other than DPM-Solver++(2M)" in panel.message()
    panel.find("[name=eta]").send_keys(Keys.HOME)
    panel.wait(lambda: panel.message() == "")
    panel.choose("leftSolver", "dpmpp_2m")
    assert panel.message() == ""
    assert panel.errors() == []


def test_the_numbers_are_the_samplers(page: Page) -> None:
    """Of a single point, whose trajectory the console samples too."""
    panel = Panel(page, "n=1&steps=4&left=plain&leftSolver=heun&moved=0:0.5:-1.5&point=0")
    options = "{ noise: [[0.5, -1.5]], model: 'plain', solver: 'heun', steps: 4 }"
    code = f"return window.lookingGlass.diffusion.sample({options}).at(-1)[0]"
    x, y = panel.browser.execute_script(code)
    panel.wait(lambda: f"ends at ({x:.2f}, {y:.2f}) (left)" in panel.find(".chosen").text)
    assert panel.numbers("nfe") == ["8", "5"]


@pytest.mark.parametrize("step", [0, 10])
def test_drag_moves_the_start_and_its_trajectory_on_both_sides(page: Page, step: int) -> None:
    panel = Panel(page, f"n=1&steps=10&moved=0:0.5:0.5&step={step}")
    before = panel.pictures()
    panel.numbers("rmse")
    panel.drag(0.5, 0.5, (-1, 1.5))  # a press anywhere takes the nearest point
    panel.wait(lambda: "starts at (-1.0" in panel.find(".chosen").text)
    panel.fragment("moved=0:-1.0")
    panel.fragment("point=0")
    assert set(panel.pictures()).isdisjoint(before)
    panel.numbers("rmse")
    panel.find(".reset").click()
    assert "starts at (-1.0" not in panel.find(".chosen").text
    assert panel.errors() == []


def test_points_move_by_keyboard(page: Page) -> None:
    panel = Panel(page, "n=5&steps=10&moved=0:0.5:0.5")
    canvas = panel.find("canvas.right")
    canvas.send_keys(Keys.ARROW_LEFT)
    assert panel.find(".chosen").text == "No point is chosen."
    canvas.send_keys(Keys.PAGE_DOWN)
    assert panel.find(".chosen").text.startswith("Point 1 starts at (0.50, 0.50)")
    canvas.send_keys(Keys.ARROW_LEFT, Keys.ARROW_UP)
    assert panel.find(".chosen").text.startswith("Point 1 starts at (0.40, 0.60)")
    canvas.send_keys(Keys.PAGE_UP)
    assert panel.find(".chosen").text.startswith("Point 5 ")
    canvas.send_keys(Keys.ESCAPE)
    assert panel.find(".chosen").text == "No point is chosen."
    assert panel.errors() == []


def test_a_link_reopens_the_view(page: Page) -> None:
    panel = Panel(page, "n=40&steps=10&left=plain&seed=3&eta=0.5&step=7&moved=2:1:-1")
    panel.find(".play").send_keys(Keys.SPACE)
    panel.find(".play").send_keys(Keys.SPACE)  # paused somewhere, with a link to that
    panel.find("canvas.left").send_keys(Keys.PAGE_DOWN, Keys.PAGE_DOWN, Keys.ARROW_UP)
    panel.fragment("point=1")
    panel.fragment("moved=2:1:-1,1:")
    panel.numbers("std")
    url, pictures = panel.browser.current_url, panel.pictures()
    panel.browser.get("about:blank")
    panel.reopen(url)
    panel.numbers("std")
    assert panel.pictures() == pictures
    assert panel.browser.current_url == url


@pytest.mark.parametrize(
    ("fragment", "sentence"),
    [
        ("n=4000", "points = 4000: must be a whole number from 1 to 3000"),
        ("steps=", "steps = NaN: must be a whole number from 1 to 1000"),
        ("left=toString", "left = toString: must be one of diffusion, plain, exact"),
        ("eta=2", "eta (stochasticity) = 2: must be a number from 0 to 1"),
        ("moved=1:2", "moved points: must be a list of index:x:y"),
        ("n=2&moved=2:0:0", "moved points: must be a list of index:x:y"),
        ("%E0%A4%A&n=0", "points = 0"),
    ],
)
def test_a_wrong_link_gets_a_sentence(page: Page, fragment: str, sentence: str) -> None:
    panel = Panel(page, fragment)
    assert panel.message().startswith(sentence)
    assert panel.find("[name=n]").get_property("value") == "1000"
    assert panel.errors() == []


def test_wrong_input_gets_a_sentence_and_keeps_the_view(page: Page) -> None:
    panel = Panel(page)
    panel.numbers("std")
    before = panel.pictures()
    panel.type("n", "0")
    assert panel.message().startswith("points = 0: must be a whole number from 1 to 3000")
    assert panel.find("[name=n]").get_attribute("aria-invalid") == "true"
    assert panel.pictures() == before
    panel.type("n", "30")
    assert panel.message() == ""
    assert panel.find("[name=n]").get_attribute("aria-invalid") is None


def test_copy_the_command(page: Page) -> None:
    panel = Panel(page, "prior=matched&n=40&steps=10")
    command = panel.find(".command").get_property("value")
    assert command == ("dvc exp run -S sample.points=40 -S sample.steps=10 -S sample.prior=matched")
    panel.find(".copy").click()
    panel.wait(lambda: panel.find(".copied").text)


def test_names_and_narrow_screens(page: Page) -> None:
    panel = Panel(page)
    controls = "#noise-to-data :is(input, select, button, canvas)"
    for control in panel.browser.find_elements(By.CSS_SELECTOR, controls):
        if control.is_displayed():
            assert control.accessible_name, control.get_attribute("outerHTML")
    panel.page.check_narrow()
    assert panel.errors() == []


def test_an_own_page_has_no_square(own_page: Page) -> None:
    panel = Panel(own_page)
    assert panel.numbers("inside") == ["none", "none"]
    assert panel.errors() == []
