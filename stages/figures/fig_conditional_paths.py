"""One path from noise to data for each class (exercise 2.2.2, conditional, question 3)."""

import numpy as np
from matplotlib.patheffects import withStroke

from lab.core.artifacts import read_arrays
from lab.core.entry import run
from lab.drawing.plane import draw_data, write_paths
from lab.drawing.style import CLASSES, draw_regions, new_figure, save


def main() -> None:
    paths = read_arrays("data/sample_conditional.npz")["paths"]  # (times, classes, 2)
    classes = read_arrays("data/classes.npz")
    regions = classes["regions"]
    # of the user's own points a class may have none, and nothing is known of it
    known = np.unique(classes["labels"])
    paths = paths[:, known]

    figure = new_figure(height=0.31, width=0.5)
    axes = figure.subplots()
    draw_data(axes, reach=1.1)
    seen = np.concatenate([paths.reshape(-1, 2), [(-1, -1), (1, 1)]])
    low, high = seen.min(axis=0) - 0.15, seen.max(axis=0) + 0.15
    axes.set(xlim=(low[0], high[0]), ylim=(low[1], high[1]))
    draw_regions(axes, regions, fill=True)
    for path, color in zip(paths.swapaxes(0, 1), np.array(CLASSES)[known], strict=True):
        axes.plot(*path.T, color=color, zorder=4)
        axes.plot(*path[0], "o", color=color, markersize=4, markerfacecolor="white", zorder=5)
        axes.plot(*path[-1], "o", color=color, markersize=4, markeredgecolor="black", zorder=6)
    for number, start, then in zip(known, paths[0], paths[len(paths) // 10], strict=True):
        way = then - start
        away = -7 * way / max(np.hypot(*way), 1e-9)  # from where the path goes
        axes.annotate(
            str(number),
            start,
            xytext=(float(away[0]), float(away[1])),
            textcoords="offset points",
            ha="center",
            va="center",
            zorder=7,
            path_effects=[withStroke(linewidth=2, foreground="white")],
        )
    save(figure, "conditional_paths")
    write_paths("conditional_paths", ((f"class {i}", paths[:, n]) for n, i in enumerate(known)))


if __name__ == "__main__":
    run(main)
