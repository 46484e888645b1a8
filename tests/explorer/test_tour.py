"""The guided tour: each step sets its panel, and tells right answers from wrong ones."""

import math
from collections.abc import Callable

import pytest
import torch
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.wait import WebDriverWait

from lookingglass.diffusion.samplers import sample, uniform_times
from lookingglass.diffusion.truth import SQUARE
from lookingglass.diffusion.weights import Network
from tests.explorer.conftest import Page

STEPS = (
    "forward", "floor", "sampling", "steps", "solvers", "noise", "field", "guidance", "probe",
    "wrong", "next", "attention",
)  # fmt: skip
CHOICES = {
    "floor": "small", "steps": "narrow", "solvers": "right", "noise": "end", "field": "zero",
    "guidance": "no", "wrong": "far",
}  # fmt: skip


class Tour:
    """The tour of a page, at one of its steps."""

    def __init__(self, page: Page) -> None:
        self.page = page
        page.browser.get_log("browser")

    def open(self, name: str, link: str = "") -> "Tour":
        """At this step, with what the link shows."""
        self.page.open(f"{link}&tour={STEPS.index(name) + 1}")
        self.wait_for(name)
        return self

    def wait_for(self, name: str) -> None:
        """Until this step is shown."""
        number = f"Step {STEPS.index(name) + 1} of"
        self.wait(lambda: self.find("h2").text.startswith(number))

    def find(self, css: str) -> WebElement:
        return self.page.browser.find_element(By.CSS_SELECTOR, f"#tour {css}")

    def wait(self, condition: Callable[[], object]) -> None:
        WebDriverWait(self.page.browser, 20).until(lambda _: condition())

    def number(self, value: float) -> str:
        """The verdict on a number that is typed."""
        self.find("input").send_keys(Keys.CONTROL, "a", Keys.NULL, f"{value:.4f}", Keys.ENTER)
        return self.find(".tour-verdict").text

    def choice(self, value: str) -> str:
        """The verdict on a choice."""
        self.find(f"[value={value}]").send_keys(Keys.SPACE)
        self.find("[type=submit]").click()
        return self.find(".tour-verdict").text


def test_each_step_sets_a_panel_and_its_link_reopens(page: Page) -> None:
    tour = Tour(page)
    page.open()
    page.browser.find_element(By.CLASS_NAME, "start-tour").click()
    for i, name in enumerate(STEPS):
        if i:
            tour.find(".tour-next").send_keys(Keys.ENTER)
        tour.wait_for(name)
        sections = page.browser.find_elements(By.CSS_SELECTOR, "main > section")
        (shown,) = (each for each in sections if each.is_displayed())
        link = page.browser.current_url
        assert f"panel={shown.get_attribute('id')}" in link
        assert f"tour={i + 1}" in link
        assert tour.find(".tour-verdict").text == ""
        tour.find("[type=submit]").click()
        assert "first." in tour.find(".tour-verdict").text
    heading = tour.find("h2").text
    tour.find(".tour-back").click()
    tour.wait_for(STEPS[-2])
    page.browser.get("about:blank")
    page.browser.get(link)
    tour.wait(lambda: tour.find("h2").text == heading)
    assert page.browser.get_log("browser") == []
    tour.find(".tour-close").click()
    assert not page.browser.find_element(By.ID, "tour").is_displayed()


@pytest.mark.parametrize("name", CHOICES)
def test_the_right_choice_alone_is_right(page: Page, name: str) -> None:
    tour = Tour(page).open(name)
    values = [str(each.get_attribute("value")) for each in page.browser.find_elements(
        By.CSS_SELECTOR, "#tour [type=radio]")]  # fmt: skip
    assert len(values) >= 2
    for value in values:
        assert tour.choice(value).startswith("Right.") == (value == CHOICES[name])


def inside(networks: dict[str, Network], page: Page) -> float:
    noise = page.run(
        'return [...(await import("explorer/lib/random.js")).makeRandom(0).normals(2000)]'
    )
    z = torch.tensor(noise).reshape(-1, 2)
    network = networks["diffusion"]
    ends = sample(network, network.schedule, z, times=uniform_times(50))
    return 100 * float((ends.abs() <= 1).all(dim=1).double().mean())


def test_right_numbers_alone_are_right(page: Page, networks: dict[str, Network]) -> None:
    ids = page.call("gpt.encode", "Alice was beginning to get very tired of sitting by her sister")
    right = {
        "forward": math.exp(networks["diffusion"].schedule.rate * -0.5),
        "sampling": inside(networks, page),
        "probe": -math.log(4),
        "next": page.call("gpt.logProbs", ids)[-1],
    }
    for name, value in right.items():
        tour = Tour(page).open(name)
        assert tour.number(value + 1).startswith("Not quite.")
        assert tour.number(value).startswith("Right."), (name, value)


def test_the_number_that_a_panel_shows_is_right(page: Page) -> None:
    last = page.run("return lookingGlass.gpt.model.blocks.length - 1")
    tour = Tour(page).open("attention", f"panel=gpt&gpt.chosen=11&gpt.block={last}")
    shown = page.browser.find_element(By.CSS_SELECTOR, "#gpt .correlation")
    tour.wait(lambda: shown.text not in ("", "none"))
    value = float(shown.text.replace("\u2212", "-"))
    assert tour.number(value).startswith("Right.")
    assert tour.number(-value).startswith("Not quite.")


def test_what_the_tour_says_is_true(networks: dict[str, Network]) -> None:
    network = networks["diffusion"]
    schedule = network.schedule
    generator = torch.Generator().manual_seed(1)
    z = torch.randn(3000, 2, generator=generator)

    # floor: the exact denoiser's error falls with t
    def floor(t: float) -> float:
        sigma = float(schedule.sigma(torch.tensor(t)))
        eps = torch.randn(20_000, 2, generator=generator)
        x = SQUARE.sample(20_000, generator) + sigma * eps
        return float((SQUARE.denoiser(x, sigma) - eps).square().mean())

    assert floor(0.05) > 0.9 > 0.7 > floor(1.0)

    # steps: three crowd in the middle
    def ends(steps: int, solver: str = "euler", **options: object) -> torch.Tensor:
        times = uniform_times(steps)
        return sample(network, schedule, z, times=times, solver=solver, **options)

    assert ends(3).std() < 0.25 < 0.5 < ends(50).std() < 0.577

    # solvers: 24 evaluations of DPM-Solver++ are nearer to the end than 300 of Algorithm 1
    end = ends(1000, "rk4")

    def distance(x: torch.Tensor) -> float:
        return float((x - end).square().sum(dim=1).mean().sqrt())

    assert distance(ends(24, "dpmpp_2m")) < distance(ends(300))

    # noise: other ends, the same distribution
    noisy = ends(50, eta=1.0, generator=generator)
    assert (noisy - ends(50)).norm(dim=1).median() > 0.1
    assert noisy.std() == pytest.approx(float(ends(50).std()), abs=0.04)

    # field: flat in the middle, steep at an edge
    sigma = float(schedule.sigma(torch.tensor(0.1)))
    eps = SQUARE.denoiser(torch.tensor([[0.0, 0.0], [1.0, 0.0]]), sigma)
    middle, edge = (eps / sigma).norm(dim=1)
    assert middle < 1e-6
    assert 0.5 < edge * sigma < 2
