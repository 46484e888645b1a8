"""The trajectories of all ways to (4, 5.5), coloured by time (exercise 2.2.2, bonus)."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.collections import LineCollection
from numpy.typing import NDArray

from lab.core.artifacts import read_arrays
from lab.core.entry import run
from lab.data.tables import read_table
from lab.drawing.plane import draw_data, write_paths
from lab.drawing.style import TIME, new_figure, save

COLUMNS = 5
REACH = ((-2.5, 6.0), (-2.0, 7.2))  # x and y of a panel; some trajectories start far outside


def draw_way(axes: Axes, path: NDArray[Any], target: NDArray[Any], way: pd.Series) -> None:
    """One trajectory, (times, 2), titled with where it ends and what its noise costs."""
    pieces, times = np.stack([path[:-1], path[1:]], axis=1), np.linspace(1, 0, len(path))
    lines = LineCollection(list(pieces), array=times[:-1], cmap=TIME, linewidth=0.9)
    lines.set_clim(0, 1)
    axes.add_collection(lines)
    axes.plot(*path[0], "o", color=TIME(1.0), markersize=3, zorder=4)
    axes.plot(*path[-1], "o", color=TIME(0.0), markersize=3, zorder=5)
    axes.plot(*target, "+", color="black", markersize=7, markeredgewidth=0.8, zorder=6)
    draw_data(axes, reach=1)
    axes.set(xlim=REACH[0], ylim=REACH[1], xticks=(), yticks=())
    distance = way["distance"]
    ends = "reaches it" if distance < 1e-6 else f"ends {distance:.2g} away"
    name = way["way"].replace("x_0", "$x_0$")
    exponent = round(way["log10_probability"])  # an integer, so never -0
    price = f"noise {way['norm']:.0f}, $10^{{{exponent}}}$"
    axes.set_title(f"{name}\n{ends}\n{price}", fontsize="small")
    if not all(low < x < high for x, (low, high) in zip(path[0], REACH, strict=True)):
        start = f"from\n({path[0, 0]:.0f}, {path[0, 1]:.0f})"
        place: dict[str, Any] = {"ha": "right", "va": "top", "transform": axes.transAxes}
        axes.text(0.62, 0.97, start, fontsize="x-small", **place)


def main() -> None:
    data = read_arrays("data/steer.npz")
    table = read_table("data/steer.csv", ["distance", "norm", "log10_probability"], ["way"])
    paths = data["paths"]  # (ways, times, 2)

    rows = -(-len(paths) // COLUMNS)
    figure = new_figure(height=0.02 + 0.24 * rows)
    grid = figure.subplots(rows, COLUMNS, squeeze=False)
    for axes, path, (_, way) in zip(grid.flat, paths, table.iterrows(), strict=False):
        draw_way(axes, path, data["target"], way)
    for axes in grid.flat[len(paths) :]:
        axes.set_visible(False)
    bar = figure.colorbar(ScalarMappable(cmap=TIME), ax=grid, aspect=50, fraction=0.02, pad=0.02)
    bar.set_label("time $t$")
    save(figure, "steer")
    low, high = np.transpose(REACH)
    inside = ((low < paths) & (paths < high)).all(axis=-1, keepdims=True)
    write_paths("steer", zip(table["way"], np.where(inside, paths, np.nan), strict=True))


if __name__ == "__main__":
    run(main)
