"""The explorer's panel "Classes and guidance", by mouse and by keyboard."""

import re
from copy import deepcopy

import pytest
import torch
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement

from lookingglass.diffusion.class_truth import ClassTruth
from lookingglass.diffusion.denoiser import Denoiser
from lookingglass.diffusion.guidance import guide
from lookingglass.diffusion.samplers import sample, uniform_times
from lookingglass.diffusion.truth import PointCloud, UniformBox
from lookingglass.diffusion.weights import Network
from tests.explorer.conftest import Page
from tests.explorer.test_tilted import axis_quadrature
from tests.explorer.test_ui_diffusion import Panel as PanelOfNoise

SMALL = "panel=guidance&guidance.n=60&guidance.steps=8"
FIGURES = ("network", "exact", "tilted")
NOISE = """
const { makeRandom } = await import("explorer/lib/random.js");
return [...makeRandom(arguments[0]).normals(2 * arguments[1])];
"""


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


@pytest.mark.parametrize(
    ("label", "w", "solver", "steps"),
    [(1, 1.0, "heun", 20), (0, 3.0, "euler", 30), (4, 0.0, "ddim", 30), (3, 40.0, "rk4", 10)],
)
def test_samples_are_the_librarys(
    page: Page,
    networks: dict[str, Network],
    regions: list[UniformBox],
    label: int,
    w: float,
    solver: str,
    steps: int,
) -> None:
    """Of both guided samplers, from the panel's noise: inside, mean and standard deviation."""
    n = 150
    view = {"class": label, "w": w, "solver": solver, "steps": steps, "n": n, "seed": 5}
    view["t"] = 1  # the numbers are at t = 0, whatever time is shown
    fragment = "&".join(f"guidance.{key}={value}" for key, value in view.items())
    panel = Panel(page, f"panel=guidance&{fragment}")
    z = torch.tensor(page.run(NOISE, 5, n), dtype=torch.float64).reshape(n, 2)
    network = deepcopy(networks["conditional"]).double()
    denoisers: dict[str, Denoiser] = {"network": network, "exact": ClassTruth(regions).denoiser}
    for figure, denoiser in denoisers.items():
        x = sample(
            guide(denoiser, w), network.schedule, z, times=uniform_times(steps),
            label=torch.full((n,), label), solver=solver,
        )  # fmt: skip
        inside = regions[label].fraction_inside(x)
        assert panel.number(figure, "inside") == pytest.approx([inside], abs=0.0006)
        assert panel.number(figure, "mean") == pytest.approx(x.mean(dim=0).tolist(), abs=0.0006)
        assert panel.number(figure, "std") == pytest.approx(x.std(dim=0).tolist(), abs=0.0006)
    assert panel.errors() == []


def test_the_panels_target_is_that(page: Page, regions: list[UniformBox]) -> None:
    """At the panel's sigma(0), by quadrature; four standard errors."""
    w, n = 60.0, 3000
    fragment = f"guidance.w={w}&guidance.n={n}&guidance.steps=1&guidance.class=0"
    panel = Panel(page, f"panel=guidance&{fragment}")
    error = 4 * 0.19 / n**0.5
    share = 1.0
    for axis in (0, 1):
        grid, probability = axis_quadrature(regions, 0, w, 0.006738, axis)
        mean = float(probability @ grid)
        std = float((probability @ (grid - mean) ** 2).sqrt())
        assert panel.number("tilted", "mean")[axis] == pytest.approx(mean, abs=error)
        assert panel.number("tilted", "std")[axis] == pytest.approx(std, abs=error / 2)
        within = (grid >= regions[0].low[axis]) & (grid <= regions[0].high[axis])
        share *= float(probability[within].sum())
    assert panel.number("tilted", "inside") == pytest.approx([share], abs=0.002)


def test_class_by_keyboard_and_by_click(page: Page, regions: list[UniformBox]) -> None:
    panel = Panel(page, f"{SMALL}&guidance.w=0")
    panel.find("[name=class]").send_keys("4")
    panel.fragment("guidance.class=4")
    for figure, label in zip(FIGURES, (3, 0, 2), strict=True):
        panel.click_plane(figure, *regions[label].mean.tolist())
        assert panel.value("class") == str(label)
        panel.fragment(f"guidance.class={label}")
        for other in FIGURES:
            assert panel.number(other, "inside")[0] > 0.7
            name = panel.find(f"figure.{other} canvas").accessible_name
            assert f"class {label}, w = 0" in name
    panel.click_plane("exact", 1.2, 1.2)
    assert panel.value("class") == "2", "outside there is no class"
    assert panel.errors() == []


def test_weight_by_keyboard_and_by_mouse(page: Page) -> None:
    panel = Panel(page, "panel=guidance&guidance.n=60&guidance.steps=30&guidance.w=0")
    slider = panel.find("[name=w]")
    first = panel.pictures()
    spread = [panel.number(figure, "std")[1] for figure in FIGURES]
    slider.send_keys(Keys.ARROW_RIGHT)
    panel.fragment("guidance.w=0.1")
    slider.send_keys(Keys.END)
    panel.fragment("guidance.w=10")
    assert panel.find(".weight output").text == "10"
    narrow = [panel.number(figure, "std")[1] for figure in FIGURES]
    assert narrow[0] < spread[0] / 2
    assert narrow[1] < spread[1] / 2
    assert narrow[2] == pytest.approx(spread[2], rel=0.1), "the target hardly changes"
    slider.click()
    panel.fragment("guidance.w=5")
    slider.send_keys(Keys.HOME)
    panel.fragment("guidance.w=0")
    panel.complete()
    assert panel.pictures() == first
    assert panel.errors() == []


def test_a_link_may_set_more_weight_than_the_slider_has(page: Page) -> None:
    panel = Panel(page, f"{SMALL}&guidance.w=50")
    assert panel.find(".weight output").text == "50"
    assert panel.find("[name=w]").get_attribute("aria-valuetext") == "50"
    panel.choose("solver", "euler")
    panel.fragment("guidance.w=50")
    assert panel.find(".weight output").text == "50"


@pytest.mark.parametrize("solver", ["euler", "ddim", "dpmpp_2m", "rk4"])
def test_solver(page: Page, solver: str) -> None:
    panel = Panel(page)
    before = panel.numbers("std")
    panel.choose("solver", solver)
    panel.fragment(f"guidance.solver={solver}")
    after = panel.numbers("std")
    assert [a != b for a, b in zip(before, after, strict=True)] == [True, True, False]
    assert panel.errors() == []


def test_steps_points_and_noise_by_keyboard(page: Page) -> None:
    panel = Panel(page)
    panel.type("steps", "5")
    panel.fragment("guidance.steps=5")
    assert panel.find(".time").get_property("max") == "5"
    assert panel.find(".time").get_property("value") == "5", "the same time is shown"
    panel.type("n", "30")
    assert panel.numbers("count") == ["30 of 30"] * 3
    before = panel.numbers("mean")
    panel.type("seed", "7")
    seventh = panel.numbers("mean")
    assert set(seventh).isdisjoint(before)
    panel.find(".redraw").send_keys(Keys.ENTER)
    panel.fragment("guidance.seed=8")
    assert set(panel.numbers("mean")).isdisjoint(seventh)
    panel.find(".redraw").click()
    panel.fragment("guidance.seed=9")
    assert panel.errors() == []


def test_time_by_keyboard_and_play(page: Page) -> None:
    panel = Panel(page)
    end, numbers = panel.pictures(), panel.numbers("mean")
    assert panel.find(".level").text == "t = 0.00, sigma = 0.007"
    panel.find(".time").send_keys(Keys.HOME)
    panel.fragment("guidance.t=1")
    assert panel.find(".level").text == "t = 1.00, sigma = 1.000"
    assert set(panel.pictures()).isdisjoint(end)
    assert panel.numbers("mean") == numbers, "they are at t = 0"
    panel.find(".play").click()
    assert panel.find(".play").text == "Pause"
    panel.find(".play").send_keys(Keys.SPACE)
    assert panel.find(".play").text == "Play"
    panel.find(".play").click()
    panel.wait(lambda: panel.find(".level").text.startswith("t = 0.00"))
    panel.wait(lambda: panel.find(".play").text == "Play")
    assert panel.pictures() == end
    assert panel.errors() == []


def test_a_link_reopens_the_view(page: Page) -> None:
    fragment = f"{SMALL}&guidance.class=2&guidance.seed=3&guidance.t=0.25&guidance.w=0.75"
    panel = Panel(page, fragment)
    panel.find(".time").send_keys(Keys.ARROW_LEFT)
    panel.choose("solver", "ddim")
    panel.fragment("guidance.t=0.375")
    panel.fragment("guidance.solver=ddim")
    panel.complete()
    url, pictures = panel.browser.current_url, panel.pictures()
    panel.browser.get("about:blank")
    panel.reopen(url)
    panel.complete()
    assert panel.pictures() == pictures
    assert panel.browser.current_url == url
    assert panel.find(".weight output").text == "0.75"


@pytest.mark.parametrize(
    ("fragment", "sentence"),
    [
        ("n=0", "points = 0: must be a whole number from 1 to 3000"),
        ("w=101", "guidance weight w = 101: must be a number from 0 to 100"),
        ("w=", "guidance weight w = NaN: must be a number from 0 to 100"),
        ("class=5", "class = 5: must be one of 0, 1, 2, 3, 4"),
        ("solver=toString", "solver = toString: must be one of euler, ddim"),
        ("t=1.5", "time = 1.5: must be a number from 0 to 1"),
        ("seed=524288", "seed = 524288: must be a whole number from 0 to 524287"),
    ],
)
def test_a_wrong_link_gets_a_sentence(page: Page, fragment: str, sentence: str) -> None:
    panel = Panel(page, f"panel=guidance&guidance.{fragment}")
    assert panel.message().startswith(sentence)
    assert panel.value("n") == "600"
    assert panel.errors() == []


def test_wrong_input_keeps_the_view(page: Page) -> None:
    panel = Panel(page)
    before = panel.pictures()
    panel.type("steps", "1001")
    assert panel.message().startswith("steps = 1001: must be a whole number from 1 to 1000")
    assert panel.find("[name=steps]").get_attribute("aria-invalid") == "true"
    assert panel.pictures() == before
    panel.type("steps", "8")
    assert panel.message() == ""


def test_a_class_without_points_is_refused(page: Page) -> None:
    script = """
    const { INITIAL, makeCheck } = await import("explorer/panels/guidance/view.js");
    const check = makeCheck({ square: false, regions: [[], []], labels: [0, 0] });
    check({ ...INITIAL, class: "0" });
    check({ ...INITIAL, class: "1" });
    """
    assert page.run(script) == "RangeError: class 1 has no points: choose another"


def test_the_pipelines_command(page: Page) -> None:
    """The class, a ninth of the square, gets the view's number of points."""
    panel = Panel(page, f"{SMALL}&guidance.class=0&guidance.w=0.5")
    assert panel.find(".command").get_property("value") == (
        "dvc exp run -S 'sample_conditional.guidance=[0.5,1]' "
        "-S sample_conditional.guided_steps=8 -S sample_conditional.points=540"
    )
    panel.find("[name=w]").send_keys(Keys.HOME)
    panel.wait(lambda: panel.find(".no-pipeline").is_displayed())
    panel.find("[name=w]").send_keys(Keys.END)
    panel.wait(lambda: panel.find(".pipeline").is_displayed())
    panel.choose("solver", "euler")
    assert not panel.find(".pipeline").is_displayed()


def test_names_and_narrow_screens(page: Page) -> None:
    panel = Panel(page)
    controls = "#guidance :is(input, select, button, canvas)"
    for control in panel.browser.find_elements(By.CSS_SELECTOR, controls):
        if control.is_displayed():
            assert control.accessible_name, control.get_attribute("outerHTML")
    panel.page.check_narrow()
    assert panel.errors() == []


def test_own_points(
    own_page: Page, points: torch.Tensor, regions: list[UniformBox], networks: dict[str, Network]
) -> None:
    """The exact denoiser is that of the points; the pipeline shares its points by their number."""
    label, w, n = 2, 1.0, 40
    panel = Panel(own_page, f"panel=guidance&guidance.class=2&guidance.n={n}&guidance.steps=8")
    mine = regions[label].contains(points)
    z = torch.tensor(own_page.run(NOISE, 0, n), dtype=torch.float64).reshape(n, 2)
    given, every = PointCloud(points[mine]), PointCloud(points)
    schedule = networks["conditional"].schedule

    def exact(x: torch.Tensor, sigma: float, label: torch.Tensor | None = None) -> torch.Tensor:
        return (every if label is None else given).denoiser(x, sigma)

    x = sample(
        guide(exact, w), schedule, z, times=uniform_times(8), label=torch.full((n,), label),
        solver="heun",
    )  # fmt: skip
    assert panel.number("exact", "mean") == pytest.approx(x.mean(dim=0).tolist(), abs=0.0006)
    assert panel.number("tilted", "inside")[0] > 0.9
    share = f"sample_conditional.points={round(n * len(points) / int(mine.sum()))}"
    assert share in panel.find(".command").get_property("value")
    assert "those of your points" in panel.find(".about").text
    assert panel.errors() == []
