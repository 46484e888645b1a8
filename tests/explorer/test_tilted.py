"""The page's density and draws of p(x) p(class | x)^(1 + w) against quadrature in Python."""

import pytest
import torch

from lookingglass.diffusion.class_truth import ClassTruth
from lookingglass.diffusion.truth import PointCloud, UniformBox
from tests.explorer.conftest import Page

TILTED = """
const [{ tilted }, { uniformBox }, { pointCloud }, { makeRandom }] = await Promise.all(
  ["diffusion/tilted", "diffusion/uniform_box", "diffusion/point_cloud", "random"].map(
    (name) => import(`explorer/lib/${name}.js`)));
const { regions, points, labels, label, w, sigma, n, x } = arguments[0];
const square = Boolean(regions);
const cloud = (points) => pointCloud(Float64Array.from(points.flat()));
const truths = square
  ? regions.map((corners) => uniformBox(corners.slice(0, 2), corners.slice(2)))
  : [0, 1].map((c) => cloud(points.filter((_, i) => labels[i] === c)));
const all = square ? uniformBox([-1, -1], [1, 1]) : cloud(points);
const truthOf = (label) => (label === null ? all : truths[label]);
const target = tilted({ truthOf, square, regions, labels }, label, w, sigma);
if (x) return [...target.logDensity(Float64Array.from(x.flat()))];
const random = makeRandom(1);
return Array.from({ length: n }, () => {
  const draw = target.draw(random);
  let step = draw.next();
  while (!step.done) step = draw.next();
  return [...step.value];
});
"""


def axis_quadrature(
    regions: list[UniformBox], label: int, w: float, sigma: float, axis: int
) -> tuple[torch.Tensor, torch.Tensor]:
    """A grid along one axis and the probability of its cells under p(x | c) p(c | x)^w.

    The density is a product over the axes, since a box's and the square's are.
    """
    truth = ClassTruth(regions)
    x = regions[label].mean.repeat(200_001, 1)
    x[:, axis] = torch.linspace(-2.5, 2.5, len(x), dtype=torch.float64)
    given = truth.log_density(x, sigma, torch.full((len(x),), label))
    log_density = given + w * (given - truth.log_density(x, sigma))
    return x[:, axis].contiguous(), log_density.softmax(dim=0)


def corners(regions: list[UniformBox]) -> list[list[float]]:
    return [[*region.low, *region.high] for region in regions]


@pytest.mark.parametrize("sigma", [0.0067, 0.3])
@pytest.mark.parametrize("w", [0.0, 2.0, 100.0])
def test_the_assumed_targets_density(
    page: Page, regions: list[UniformBox], w: float, sigma: float
) -> None:
    """log p(x | c) + w log p(c | x), by the library's densities and Bayes' rule."""
    x = torch.rand(200, 2, generator=torch.Generator().manual_seed(0)).double() * 2.4 - 1.2
    truth, label = ClassTruth(regions), torch.full((200,), 2)
    given = truth.log_density(x, sigma, label)
    log_weight = torch.tensor(regions[2].area / 4, dtype=torch.float64).log()
    right = given + w * (log_weight + given - truth.log_density(x, sigma))
    values = {"regions": corners(regions), "label": 2, "w": w, "sigma": sigma, "x": x.tolist()}
    found = torch.tensor(page.run(TILTED, values), dtype=torch.float64)
    torch.testing.assert_close(found, right, rtol=1e-6, atol=1e-5)


@pytest.mark.parametrize(("w", "sigma"), [(0.0, 0.0067), (100.0, 0.0067), (3.0, 0.3)])
@pytest.mark.parametrize("label", [0, 3])
def test_the_assumed_targets_draws(
    page: Page, regions: list[UniformBox], label: int, w: float, sigma: float
) -> None:
    """Their distribution along each axis is the density's, by quadrature (Kolmogorov-Smirnov)."""
    n = 20_000
    values = {"regions": corners(regions), "label": label, "w": w, "sigma": sigma, "n": n}
    x = torch.tensor(page.run(TILTED, values), dtype=torch.float64)
    for axis in (0, 1):
        grid, probability = axis_quadrature(regions, label, w, sigma, axis)
        ordered = x[:, axis].sort().values.contiguous()
        right = probability.cumsum(dim=0)[torch.searchsorted(grid, ordered).clamp(max=200_000)]
        found = (torch.arange(n) + 0.5) / n
        assert (found - right).abs().max() < 1.95 / n**0.5, "significant at 0.1 %"


def test_the_assumed_targets_draws_of_own_points(page: Page) -> None:
    """Mean and variance against the points' density on a grid of the plane."""
    generator = torch.Generator().manual_seed(2)
    points = torch.rand(30, 2, generator=generator).double() * 2 - 1
    labels = (points.sum(dim=1) > 0.3).long()
    w, sigma, n = 2.0, 0.3, 20_000
    values = {"points": points.tolist(), "labels": labels.tolist(), "label": 1}
    x = torch.tensor(page.run(TILTED, {**values, "w": w, "sigma": sigma, "n": n}))
    line = torch.linspace(-3, 3, 601, dtype=torch.float64)
    grid = torch.cartesian_prod(line, line)
    given, every = PointCloud(points[labels == 1]), PointCloud(points)
    log_ratio = given.log_density(grid, sigma) - every.log_density(grid, sigma)
    probability = (given.log_density(grid, sigma) + w * log_ratio).softmax(dim=0)
    mean = probability @ grid
    std = (probability @ (grid - mean) ** 2).sqrt()
    assert x.mean(dim=0).tolist() == pytest.approx(mean.tolist(), abs=4 * 0.5 / n**0.5)
    assert x.std(dim=0).tolist() == pytest.approx(std.tolist(), abs=4 * 0.5 / n**0.5)
