"""Samples by class, and the density at the inner borders (exercise 2.2.2, conditional, 4 and 5)."""

import math
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from lab.core.artifacts import read_arrays, write_table
from lab.core.entry import run
from lab.drawing.plane import draw_data, write_points
from lab.drawing.style import CLASSES, TRUTH, draw_regions, new_figure, save


def blurred_step(depth: float, sigma: float) -> float:
    """The true density, a step from 0 outside to 1 inside, blurred by the noise left at t = 0."""
    return (1 + math.erf(depth / sigma / math.sqrt(2))) / 2


def write_profiles(measured: dict[str, NDArray[Any]]) -> None:
    """Write each class's density for `dvc plots`, and the truth, averaged over the same bins."""
    depth, sigma = measured["depth"].tolist(), float(measured["sigma_0"])
    inner = (np.arange(50) + 0.5) / 50 - 0.5  # places within a bin
    width = depth[1] - depth[0]
    truth = [float(np.mean([blurred_step(d + width * u, sigma) for u in inner])) for d in depth]
    rows = (
        (d, i, value, exact)
        for i, density in enumerate(measured["density"].tolist())
        for d, value, exact in zip(depth, density, truth, strict=True)
    )
    write_table("plots/conditional_borders.csv", ("depth", "class", "density", "truth"), rows)


def draw_profiles(axes: Axes, measured: dict[str, NDArray[Any]]) -> None:
    """Each class's density by the distance from its inner borders, and the true density."""
    depth = measured["depth"]
    for density, color in zip(measured["density"], CLASSES, strict=False):
        axes.plot(depth, density, color=color, linewidth=0.9)
    fine = np.linspace(depth[0], depth[-1], 801)
    axes.plot(fine, [blurred_step(d, float(measured["sigma_0"])) for d in fine], **TRUTH)
    axes.set(
        xlim=(-0.1, 0.2),
        xticks=(-0.1, 0, 0.1, 0.2),
        ylim=(0, None),
        xlabel="distance inside the class's inner borders",
        ylabel="density / true density",
        title="near the inner borders, from each class's true marginal at $t = 1$",
    )
    axes.annotate(
        "truth", (0.003, 0.7), xytext=(-12, 0), textcoords="offset points", ha="right", va="center"
    )  # fmt: skip


def main() -> None:
    data = read_arrays("data/sample_conditional.npz")
    regions = read_arrays("data/classes.npz")["regions"]
    measured = read_arrays("data/evaluate_conditional.npz")

    figure = new_figure(height=0.32)
    if len(measured["density"]):
        left, right = figure.subplots(1, 2, width_ratios=(1, 1.6))
        draw_profiles(right, measured)
    else:  # with your own points
        left = figure.subplots()
    left.scatter(*data["points"].T, s=1.6, c=[CLASSES[i] for i in data["label"]], linewidths=0)
    draw_data(left, reach=1.12)
    draw_regions(left, regions)
    left.set_title("Algorithm 1, from $N(0, I)$")
    save(figure, "conditional_samples")
    write_points("conditional_samples", data["points"], data["label"])
    write_profiles(measured)


if __name__ == "__main__":
    run(main)
