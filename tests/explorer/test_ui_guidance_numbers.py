"""The numbers of the panel "Classes and guidance" are the library's."""

from copy import deepcopy

import pytest
import torch

from lookingglass.diffusion.class_truth import ClassTruth
from lookingglass.diffusion.denoiser import Denoiser
from lookingglass.diffusion.guidance import guide
from lookingglass.diffusion.samplers import sample, uniform_times
from lookingglass.diffusion.truth import PointCloud, UniformBox
from lookingglass.diffusion.weights import Network
from tests.explorer.conftest import Page
from tests.explorer.guidance_panel import Panel
from tests.explorer.test_tilted import axis_quadrature

NOISE = """
const { makeRandom } = await import("explorer/lib/random.js");
return [...makeRandom(arguments[0]).normals(2 * arguments[1])];
"""


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
