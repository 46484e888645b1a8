"""The explorer's panel "The score field", by mouse and by keyboard, against the library."""

import re
from collections.abc import Callable
from typing import Any

import pytest
import torch
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.select import Select
from selenium.webdriver.support.wait import WebDriverWait
from torch import Tensor

from lookingglass.diffusion.excess import excess_by_sigma, loss_and_excess
from lookingglass.diffusion.schedule import ExponentialSchedule
from lookingglass.diffusion.truth import SQUARE, PointCloud, UniformBox
from lookingglass.diffusion.weights import Network
from tests.explorer.conftest import Page

PICTURES = "return [...document.querySelectorAll('#field .plane')].map((c) => c.toDataURL())"
RULE = (  # at the current time; Vega replaces its elements
    "return document.querySelector('#field .chart .mark-rule.role-mark line')"
    ".getBoundingClientRect().x"
)
SIDE = 51  # of the heat maps' grid


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


def sigma_at(t: float) -> float:
    return float(ExponentialSchedule().sigma(torch.tensor(t, dtype=torch.float64)))


def grid() -> Tensor:
    """The centres of the heat maps' cells."""
    at = 3 * ((2 * torch.arange(SIDE, dtype=torch.float64) + 1) / SIDE - 1)
    return torch.cartesian_prod(at, at)


MODELS = [
    ("diffusion", None, 0.6),
    ("plain", None, 1.0),
    ("conditional", None, 0.8),
    ("conditional", 2, 0.3),
]


@pytest.mark.parametrize(("model", "label", "t"), MODELS)
def test_the_numbers_at_a_point(
    page: Page,
    networks: dict[str, Network],
    regions: list[UniformBox],
    model: str,
    label: int | None,
    t: float,
) -> None:
    panel = Panel(page, model=model, t=t, x=1.05, y=-0.7, label="none" if label is None else label)
    truth, sigma = SQUARE if label is None else regions[label], sigma_at(t)
    x = torch.tensor([[1.05, -0.7]])
    labels = None if label is None else torch.tensor([label])
    with torch.no_grad():
        eps, exact = networks[model](x, sigma, labels), truth.denoiser(x, sigma)
    size = float(eps.norm() / sigma)
    network_score = panel.number("network-score")
    assert network_score == pytest.approx((-eps[0] / sigma).tolist(), abs=2e-3 * size)
    exact_score = panel.number("exact-score")
    assert exact_score == pytest.approx((-exact[0] / sigma).tolist(), abs=2e-3 * size)
    excess = float((eps - exact).square().mean())
    assert panel.number("excess-at") == pytest.approx([excess], rel=2e-3)
    log_density = float(truth.log_density(x, sigma))
    assert panel.number("log-density") == pytest.approx([log_density], rel=1e-3)
    density = float(truth.log_density(x, sigma).exp())
    assert panel.number("density") == pytest.approx([density], rel=1e-3)
    assert panel.errors() == []


@pytest.mark.parametrize(("model", "label", "t"), MODELS)
def test_the_excess_is_the_librarys(
    page: Page,
    networks: dict[str, Network],
    regions: list[UniformBox],
    model: str,
    label: int | None,
    t: float,
) -> None:
    panel = Panel(page, model=model, t=t, label="none" if label is None else label)
    generator = torch.Generator().manual_seed(0)
    truth, n = SQUARE if label is None else regions[label], 100_000
    right = loss_and_excess(
        networks[model], truth, truth.sample(n, generator), torch.full((n,), sigma_at(t)),
        generator=generator, label=None if label is None else torch.full((n,), label),
    )[1]  # fmt: skip
    excess, error = panel.number("excess")
    assert 0 < error < 0.12 * excess
    assert excess == pytest.approx(right, abs=4 * error)


def test_the_excess_of_own_points(
    own_page: Page, networks: dict[str, Network], points: Tensor
) -> None:
    panel = Panel(own_page, t=0.3)
    (right,) = excess_by_sigma(
        networks["diffusion"], PointCloud(points), torch.tensor([sigma_at(0.3)]),
        draws=20_000, generator=torch.Generator().manual_seed(0),
    )  # fmt: skip
    excess, error = panel.number("excess")
    assert 0 < error < 0.12 * excess
    assert excess == pytest.approx(right, abs=4 * error)
    assert panel.find(".own-note").is_displayed()
    panel.choose("label", "3")
    (own, _) = panel.number("excess")
    assert own != excess
    assert panel.errors() == []


def test_the_heat_maps_scales(page: Page, networks: dict[str, Network]) -> None:
    panel = Panel(page, t=1)
    assert not panel.find(".own-note").is_displayed()
    x = grid()
    with torch.no_grad():
        eps = networks["diffusion"](x.float(), 1.0).double()
    wide = (1 + (6 / SIDE) ** 2 / 12) ** 0.5  # each cell has its mean density
    density = SQUARE.log_density(x, wide).exp()
    excess = density * (eps - SQUARE.denoiser(x, 1.0)).square().mean(1)
    for name, values in [("network", density), ("exact", density), ("difference", excess)]:
        low, middle, high = (float(end.replace("\u2212", "-")) for end in panel.ends(name))
        assert low == 0
        assert high == pytest.approx(float(values.max()), rel=0.05)
        assert middle == pytest.approx(high / (4 if name == "difference" else 2), rel=0.05)
    panel.choose("heat", "norm")
    assert [panel.ends(name) for name in ["network", "exact", "difference"]] == [
        ["0", "1", "∞"],
        ["0", "1", "∞"],
        ["0", "0.1", "∞"],
    ]


def test_arrows_have_the_scores_direction_and_the_notes_length(page: Page) -> None:
    """Of a network with eps = (3, -4) and an exact eps* = (0, 0), with data on the right."""
    network, exact, difference = page.run("""
        const { picturesOf } = await import("explorer/panels/field/pictures.js");
        const numbers = (n, of) => Float64Array.from({ length: n }, (_, i) => of(i));
        const density = numbers(51 * 51, (i) => Number(i % 51 > 25));
        const network = numbers(2 * 51 * 51, (i) => (i % 2 ? -4 : 3));
        const field = { network, exact: network.map(() => 0), density, excess: density };
        const plain = ({ starts, arrows }) => [Array.from(starts), Array.from(arrows)];
        return picturesOf(field, "norm").map((picture) => ({
            clear: plain(picture.clear), faint: plain(picture.faint), most: picture.values[0],
            middle: picture.scale.fraction(picture.values[0]),
        }));
    """)
    space = 0.95 * 6 / 17
    starts, arrows = (torch.tensor(x, dtype=torch.float64).view(-1, 2) for x in network["clear"])
    assert len(arrows) == 15 * 15  # none at the edge
    right = torch.tensor([-3, 4], dtype=torch.float64).expand(15 * 15, 2) * space / 6
    torch.testing.assert_close(arrows, right)
    middles = starts + arrows / 2
    assert middles[0].tolist() == pytest.approx([-3 * 14 / 17, 3 * 14 / 17])
    assert (network["most"], network["middle"]) == pytest.approx((5, 5 / 6))
    assert exact["clear"][1] == []
    assert difference["clear"][1][::2] == pytest.approx([-space * 30 / 51] * 15 * 7)
    assert min(difference["clear"][0][::2]) > -0.2  # where data is
    assert len(difference["faint"][1]) == 2 * 15 * 8
    assert network["faint"][1] == []


@pytest.mark.parametrize("sigma", [0.001, 0.2])
def test_the_excess_map_is_where_the_excess_comes_from(page: Page, sigma: float) -> None:
    """Of data in one cell, with an excess of 1 everywhere; centre and total of the map."""
    x, y, total, mean = page.run(f"""
        const {{ makeFields }} = await import("explorer/panels/field/compute.js");
        const {{ gridPoints }} = await import("explorer/ui/heat.js");
        const sample = (n) => Float64Array.from({{ length: 2 * n }}, (_, i) => i % 2 ? -0.9 : 1.6);
        const logDensity = (x, sigma) => new Float64Array(x.length / 2).map((_, i) =>
            -((x[2 * i] - 1.6) ** 2 + (x[2 * i + 1] + 0.9) ** 2) / 2 / sigma ** 2
            - Math.log(2 * Math.PI * sigma ** 2));
        const truth = {{ sample, logDensity, denoiser: (x) => x.map(() => 0) }};
        const denoisers = {{ one: (x) => x.map(() => 1) }};
        const job = makeFields({{ denoisers, truthOf: () => truth }}, "one", null).field({sigma});
        let result = job.next();
        while (!result.done) result = job.next();
        const points = gridPoints(51);
        const sum = (of) => result.value.excess.reduce(
            (total, value, i) => total + value * of(i) * (6 / 51) ** 2, 0);
        const total = sum(() => 1);
        return [sum((i) => points[2 * i]), sum((i) => points[2 * i + 1]), total,
            result.value.total.mean];
    """)
    assert mean == pytest.approx(1)
    assert total == pytest.approx(1, abs=1e-3)
    assert (x, y) == pytest.approx((1.6, -0.9), abs=0.06)


def test_the_chart_has_all_levels_and_the_current_one(page: Page) -> None:
    panel = Panel(page, t=1, model="plain")
    panel.wait(lambda: panel.find(".chart").get_attribute("aria-label"))
    label = panel.find(".chart").get_attribute("aria-label") or ""
    (excess, _) = panel.number("excess")
    assert f"{excess:.1e} at t = 1".replace("e-0", "e-") in label
    dots = "#field .chart svg [aria-roledescription=point]"
    assert len(panel.browser.find_elements(By.CSS_SELECTOR, dots)) >= 25
    place = panel.browser.execute_script(RULE)
    panel.find(".time").send_keys(Keys.END)
    panel.wait(lambda: panel.browser.execute_script(RULE) > place + 100)
    (excess, _) = panel.number("excess")
    assert f"{excess:.1e} at t = 0".replace("e-0", "e-") in label
    assert panel.errors() == []


@pytest.mark.parametrize(
    ("name", "value", "changed"),
    [
        ("model", "plain", [True, False, True]),
        ("model", "conditional", [True, False, True]),
        ("label", "1", [True, True, True]),
        ("heat", "norm", [True, True, True]),
    ],
)
def test_choices_change_pictures_and_link(
    page: Page, name: str, value: str, changed: list[bool]
) -> None:
    panel = Panel(page, t=0.5, x=2.9, y=2.9)
    before = panel.pictures()
    panel.choose(name, value)
    panel.fragment(f"field.{name}={value}")
    # the point's line to the denoised point changes with the model, too
    after = panel.pictures()
    assert [a != b for a, b in zip(before, after, strict=True)] == changed
    assert panel.errors() == []


def test_a_class_needs_the_conditional_network(page: Page) -> None:
    panel = Panel(page)
    assert "evaluate_diffusion.levels=25" in panel.find(".command").get_property("value")
    panel.choose("label", "4")
    assert panel.value("model") == "conditional"
    assert panel.find(".no-pipeline").is_displayed()
    panel.choose("model", "plain")
    assert panel.value("label") == "none"
    assert panel.find(".command").get_property("value") == (
        "dvc exp run -S evaluate_plain.levels=25 -S evaluate_plain.level_draws=4000"
    )
    assert panel.errors() == []


def test_time_by_keyboard_and_play(page: Page) -> None:
    panel = Panel(page)
    first = panel.pictures()
    panel.find(".time").send_keys(Keys.HOME)
    panel.wait(lambda: panel.find(".level").text == "t = 1.00, sigma = 1.000")
    panel.fragment("field.t=1")
    second = panel.pictures()
    panel.find(".time").send_keys(Keys.ARROW_RIGHT)
    panel.wait(lambda: panel.find(".level").text == "t = 0.99, sigma = 0.951")
    assert set(first).isdisjoint(second)
    panel.find(".play").send_keys(Keys.SPACE, Keys.SPACE)  # paused somewhere
    assert panel.find(".play").text == "Play"
    assert float(panel.find(".level").text[4:8]) > 0
    panel.find(".play").click()
    panel.wait(lambda: panel.find(".level").text == "t = 0.00, sigma = 0.007")
    assert panel.find(".play").text == "Play"
    panel.fragment("field.t=0")
    assert set(panel.pictures()).isdisjoint(second)
    assert panel.errors() == []


@pytest.mark.parametrize("name", ["network", "exact", "difference"])
def test_a_point_by_mouse(page: Page, name: str) -> None:
    panel = Panel(page)
    before = panel.pictures()
    panel.drag(name, (0, 0), (1, 1), (-2, 1.5))
    panel.wait(lambda: float(panel.value("x")) == pytest.approx(-2, abs=0.03))
    assert float(panel.value("y")) == pytest.approx(1.5, abs=0.03)
    panel.fragment("field.x=-")
    assert set(panel.pictures()).isdisjoint(before)
    x, _ = panel.number("exact-score")
    assert x > 0  # to the right, back to the square
    assert panel.errors() == []


def test_a_point_by_keyboard(page: Page) -> None:
    panel = Panel(page, x=2.9, y=0)
    canvas = panel.find(".plane.exact")
    canvas.send_keys(Keys.ARROW_RIGHT, Keys.ARROW_RIGHT)
    assert panel.value("x") == "3"  # and not beyond
    canvas.send_keys(Keys.ARROW_LEFT, Keys.ARROW_UP, Keys.ARROW_UP, Keys.ARROW_DOWN)
    assert (panel.value("x"), panel.value("y")) == ("2.9", "0.1")
    canvas.send_keys(Keys.SHIFT, Keys.ARROW_UP)
    assert panel.value("y") == "0.11"
    panel.type("x", "-1.5")
    panel.type("y", "-0.25")
    panel.fragment("field.x=-1.5")
    panel.fragment("field.y=-0.25")
    assert panel.errors() == []


def test_a_link_reopens_the_view(page: Page) -> None:
    view = {"model": "conditional", "label": 3, "heat": "norm", "t": 0.73, "x": -1.2345, "y": 2}
    panel = Panel(page, **view)
    panel.number("excess")
    panel.find(".plane.network").send_keys(Keys.ARROW_DOWN)
    panel.fragment("field.y=1.9")
    pictures, url = panel.pictures(), panel.browser.current_url
    numbers = [found.text for found in panel.browser.find_elements(By.CSS_SELECTOR, "#field dd")]
    panel.browser.get("about:blank")
    panel.reopen(url)
    assert panel.pictures() == pictures
    again = [found.text for found in panel.browser.find_elements(By.CSS_SELECTOR, "#field dd")]
    assert again == numbers
    assert panel.browser.current_url == url
    assert all(f"field.{key}={value}" in url for key, value in view.items() if key != "y")


@pytest.mark.parametrize(
    ("view", "sentence"),
    [
        ({"model": "exact"}, "model = exact: must be one of diffusion, plain, conditional"),
        ({"label": "7", "model": "conditional"}, "class = 7: must be one of"),
        ({"label": "2"}, "class = 2: only the conditional network has classes"),
        ({"heat": "x"}, "heat map = x: must be one of density, norm"),
        ({"t": "1.5"}, "t = 1.5: must be a number from 0 to 1"),
        ({"t": ""}, "t = NaN: must be a number from 0 to 1"),
        ({"x": "4"}, "point: x = 4: must be a number from -3 to 3"),
        ({"y": "a"}, "y = NaN: must be a number from -3 to 3"),
    ],
)
def test_a_wrong_link_gets_a_sentence(page: Page, view: dict[str, str], sentence: str) -> None:
    panel = Panel(page, **view)
    assert panel.find(".message").text.startswith(sentence)
    assert panel.value("model") == "diffusion"
    panel.number("excess")  # the view that is shown works
    assert panel.errors() == []


def test_wrong_input_gets_a_sentence_and_keeps_the_view(page: Page) -> None:
    panel = Panel(page)
    before = panel.pictures()
    panel.type("x", "5")
    assert panel.find(".message").text.startswith("point: x = 5: must be a number from -3 to 3")
    assert panel.find("[name=x]").get_attribute("aria-invalid") == "true"
    assert panel.pictures() == before
    panel.type("x", "0.5")
    assert panel.find(".message").text == ""
    assert panel.pictures() != before


def test_dark_pictures(page: Page) -> None:
    panel = Panel(page)
    before = panel.pictures()
    dark = {"features": [{"name": "prefers-color-scheme", "value": "dark"}]}
    panel.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", dark)
    try:
        panel.wait(lambda: set(panel.pictures()).isdisjoint(before))
    finally:
        panel.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
    panel.wait(lambda: panel.pictures() == before)
    assert panel.errors() == []


def test_names_and_narrow_screens(page: Page) -> None:
    panel = Panel(page, model="conditional", label=1, t=0, x=-1.5, y=2)
    panel.number("excess")
    controls = "#field :is(input, select, button, canvas.plane)"
    for control in panel.browser.find_elements(By.CSS_SELECTOR, controls):
        if control.is_displayed():
            assert control.accessible_name, control.get_attribute("outerHTML")
    panel.page.check_narrow()
    assert panel.errors() == []
