"""Few steps shrink the square (exercise 2.2.2, unconditional, question 4)."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.gridspec import SubplotSpec
from numpy.typing import NDArray

from lab.core.artifacts import read_arrays, read_metrics
from lab.core.entry import run
from lab.data.tables import read_table
from lab.drawing.plane import draw_data
from lab.drawing.style import EXACT, MODEL, TRUTH, label_ends, new_figure, save

COLUMNS = 5
SQUARE_STD = 3**-0.5
RUNS: dict[str, tuple[str, dict[str, Any]]] = {
    "model": ("network", {"color": MODEL, "marker": "o"}),
    "exact": ("exact", {"color": EXACT, "marker": "s"}),
    "matched": ("exact, from\n$N(0, 4/3\\,I)$", {"color": EXACT, "marker": "s", "mfc": "w"}),
}


def draw_samples(place: SubplotSpec, data: dict[str, NDArray[Any]], square: bool) -> None:
    """Samples with a few of the numbers of steps: of the network and, for the square, exact."""
    rows = [("network", MODEL), ("exact", EXACT)][: 2 if square else 1]
    grid = place.subgridspec(len(rows), COLUMNS).subplots(sharex=True, sharey=True, squeeze=False)
    chosen = np.linspace(0, len(data["steps"]) - 1, COLUMNS).round().astype(int)
    for row, (name, color) in enumerate(rows):
        for axes, index in zip(grid[row], chosen, strict=True):
            axes.scatter(*data["samples"][index, row].T, s=0.6, color=color, linewidths=0)
            draw_data(axes, reach=1.1)
        grid[row, 0].set_ylabel(name, color=color)
    for axes, index in zip(grid[0], chosen, strict=True):
        axes.set_title(f"$T = {data['steps'][index]}$")


def draw_curves(axes: Axes, table: pd.DataFrame, column: str, scale: float = 1) -> None:
    """A measure over the number of steps, one curve for each run."""
    for name, part in table.groupby("run", sort=False):
        _, style = RUNS[str(name)]
        axes.plot(part.steps, scale * part[column], markersize=3, linewidth=1.0, **style)
    axes.set(xscale="log", xlabel="steps $T$")


def draw_square_measures(
    inside: Axes, energy: Axes, table: pd.DataFrame, metrics: dict[str, Any]
) -> None:
    """The fraction inside and the energy distance, beside those of exact samples."""
    draw_curves(inside, table, "inside", scale=100)
    draw_curves(energy, table, "energy")
    energy.set_yscale("log")
    least, noisy = table.steps.min(), 100 * metrics["noisy_inside"]
    inside.axhline(noisy, **TRUTH)
    inside.text(least, noisy - 0.02, "exact at $t = 0$", va="top")
    inside.set(title="inside, %")
    energy.axhspan(metrics["null_low"], metrics["null_high"], color="0.85", linewidth=0)
    energy.text(least, 1.1 * metrics["null_low"], "true samples")
    energy.set(title="energy distance")
    last = table.groupby("run").last()
    ends = [
        (label, style["color"], last.steps[name], last.energy[name])
        for name, (label, style) in RUNS.items()
    ]
    label_ends(energy, ends, apart=3)


def main() -> None:
    data, metrics = read_arrays("data/steps.npz"), read_metrics("metrics/details/steps.json")
    table = read_table("plots/steps.csv", ["steps", "std"], ["run"])
    square = "inside" in table  # with your own points, only the network's spread is there

    figure = new_figure(height=0.53 if square else 0.5)
    halves = figure.add_gridspec(2, 1, height_ratios=(1.25, 1))
    draw_samples(halves[0], data, square)
    std, *others = halves[1].subgridspec(1, 3 if square else 1).subplots(squeeze=False)[0]
    draw_curves(std, table, "std")
    data_std = metrics.get("data_std", SQUARE_STD)
    std.axhline(data_std, **TRUTH)
    std.text(
        table.steps.min(),
        data_std + (0.01 if square else 0.03),
        "the square" if square else "the data",
    )
    std.set(ylim=(0.15, 0.65) if square else (0, data_std + 0.15), title="standard deviation")
    if square:
        inside, energy = others
        draw_square_measures(inside, energy, table, metrics)
    save(figure, "steps")


if __name__ == "__main__":
    run(main)
