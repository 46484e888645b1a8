"""One trajectory for each class, from noise to data (exercise 2.2.2, conditional, question 3)."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patheffects import withStroke
from numpy.typing import NDArray

from lab.core.artifacts import read_arrays
from lab.core.entry import run
from lab.drawing.plane import draw_data, write_paths
from lab.drawing.style import CLASSES, draw_regions, new_figure, save


def draw_path(axes: Axes, path: NDArray[Any], number: int) -> None:
    """A class's trajectory, (times, 2), in its colour, with its number at the start."""
    color = CLASSES[number]
    axes.plot(*path.T, color=color, zorder=4)
    axes.plot(*path[0], "o", color=color, markersize=4, markerfacecolor="white", zorder=5)
    axes.plot(*path[-1], "o", color=color, markersize=4, markeredgecolor="black", zorder=6)
    way = path[len(path) // 10] - path[0]
    x, y = -7 * way / max(np.hypot(*way), 1e-9)  # on the side away from the trajectory
    axes.annotate(
        str(number),
        (path[0, 0], path[0, 1]),
        xytext=(x, y),
        textcoords="offset points",
        ha="center",
        va="center",
        zorder=7,
        path_effects=[withStroke(linewidth=2, foreground="white")],
    )


def main() -> None:
    classes = read_arrays("data/classes.npz")
    # with your own points a class may have none, and then was never trained
    known = np.unique(classes["labels"]).tolist()
    paths = read_arrays("data/sample_conditional.npz")["paths"][:, known]  # (times, classes, 2)

    figure = new_figure(height=0.31, width=0.5)
    axes = figure.subplots()
    draw_data(axes, reach=1.1)
    seen = np.concatenate([paths.reshape(-1, 2), [(-1, -1), (1, 1)]])
    low, high = seen.min(axis=0) - 0.15, seen.max(axis=0) + 0.15
    axes.set(xlim=(low[0], high[0]), ylim=(low[1], high[1]))
    draw_regions(axes, classes["regions"], fill=True)
    for number, path in zip(known, paths.swapaxes(0, 1), strict=True):
        draw_path(axes, path, number)
    save(figure, "conditional_paths")
    write_paths("conditional_paths", ((f"class {i}", paths[:, n]) for n, i in enumerate(known)))


if __name__ == "__main__":
    run(main)
