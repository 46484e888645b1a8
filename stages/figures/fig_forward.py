"""The forward process of one point, in the plane (exercise 2.2.2, unconditional, question 1)."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.collections import LineCollection
from matplotlib.patches import Rectangle
from matplotlib.patheffects import withStroke

from lab.core.artifacts import read_arrays
from lab.core.entry import run
from lab.drawing.plane import draw_data
from lab.drawing.style import TIME, new_figure, save

ZOOM = 10  # magnification of every second panel


def mark(axes: Axes, place: np.ndarray, name: str, marker: str) -> None:
    """Mark a point, and write its name above."""
    axes.plot(*place, marker, color="black", markerfacecolor="none", markersize=5, zorder=4)
    halo = [withStroke(linewidth=2, foreground="white")]
    x, y = place
    axes.annotate(
        name,
        (x, y),
        xytext=(0, 11),
        textcoords="offset points",
        ha="center",
        path_effects=halo,
        zorder=5,
    ).set_in_layout(False)


def main() -> None:
    data = read_arrays("data/forward.npz")
    times, walk, draws, start = (data[name] for name in ("times", "walk", "draws", "start"))

    # a square window around the data's square and every state
    everything = np.concatenate([walk, draws, [[-1, -1], [1, 1]]])
    low, high = everything.min(axis=0), everything.max(axis=0)
    centre, reach = (low + high) / 2, 0.53 * (high - low).max()

    figure = new_figure(height=0.29)
    grid = figure.subplots(1, 4)
    whole, part = (grid[0], grid[2]), (grid[1], grid[3])
    for (left, right), middle, radius in (
        (whole, centre, reach),
        (part, start, reach / ZOOM),
    ):
        segments = np.stack([walk[:-1], walk[1:]], axis=1)
        left.add_collection(LineCollection(list(segments), array=times[1:], cmap=TIME, lw=0.8))
        right.scatter(*draws.T, c=times, cmap=TIME, s=4, linewidths=0)
        for axes in (left, right):
            draw_data(axes, reach)
            (x, y), frame = middle, radius
            axes.set(xlim=(x - frame, x + frame), ylim=(y - frame, y + frame))
            mark(axes, start, "start", "o")
        mark(left, walk[-1], "end", "s")
    whole[0].set_title("step by step: $dx = g(t)\\,dW$")
    whole[1].set_title("at once: $x_0 + \\sigma(t)\\,\\epsilon$")

    corner, side = start - reach / ZOOM, 2 * reach / ZOOM
    for left, right in zip(whole, part, strict=True):
        left.add_patch(Rectangle(tuple(corner), side, side, fill=False, lw=0.5, zorder=4))
        right.set(xticks=(), yticks=(), title=f"enlarged {ZOOM} times")
        right.spines[:].set(visible=True, linewidth=0.5)
    bar = figure.colorbar(ScalarMappable(cmap=TIME), ax=list(grid), fraction=0.03, pad=0.01)
    bar.set_label("time $t$")
    save(figure, "forward")


if __name__ == "__main__":
    run(main)
