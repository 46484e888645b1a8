"""The numbers, heat maps and chart of the panel "The score field", against the library."""

import pytest
import torch
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from torch import Tensor

from lookingglass.diffusion.excess import excess_by_sigma, loss_and_excess
from lookingglass.diffusion.schedule import ExponentialSchedule
from lookingglass.diffusion.truth import SQUARE, PointCloud, UniformBox
from lookingglass.diffusion.weights import Network
from tests.explorer.conftest import Page
from tests.explorer.field_panel import Panel

RULE = (  # at the current time; Vega replaces its elements
    "return document.querySelector('#field .chart .mark-rule.role-mark line')"
    ".getBoundingClientRect().x"
)
SIDE = 51  # of the heat maps' grid


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
