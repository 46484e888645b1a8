"""What the data are, drawn under what a model makes of them; points and paths as tables."""

from collections.abc import Iterable
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from lab.core.artifacts import read_arrays, write_table
from lab.data.origin import of_square
from lab.drawing.style import draw_plane, draw_square

SHOWN = 500  # points, about: enough to see where they lie
LISTED = 2000  # points in a table, at most
TIMES = 101  # of a path in a table, at most


def some(n: int, most: int) -> NDArray[np.intp]:
    """At most this many of n, evenly spread: what is in a file may be in some order."""
    return np.linspace(0, n - 1, min(most, n)).astype(int)


def draw_data(axes: Axes, reach: float) -> None:
    """The outline of the square, or the user's own points in grey; axes from -reach to reach."""
    if of_square():
        draw_square(axes, reach)
        return
    points = read_arrays("data/points.npz")["points"]
    shown = points[some(len(points), SHOWN)]
    axes.scatter(shown[:, 0], shown[:, 1], s=1.5, color="0.75", linewidths=0, zorder=0)
    draw_plane(axes, reach)


def write_points(name: str, points: NDArray[Any], labels: NDArray[Any]) -> None:
    """Write points and their classes for `dvc plots`."""
    rows = ((*points[i].tolist(), int(labels[i])) for i in some(len(points), LISTED))
    write_table(f"plots/{name}.csv", ("x", "y", "class"), rows)


def write_paths(name: str, paths: Iterable[tuple[str, NDArray[Any]]]) -> None:
    """Write named paths, from t = 1 to 0, for `dvc plots`; what is NaN stays empty."""
    rows = (
        (
            path,
            float(1 - i / (len(states) - 1)),
            *("" if np.isnan(c) else float(c) for c in states[i]),
        )
        for path, states in paths
        for i in some(len(states), TIMES)
    )
    write_table(f"plots/{name}.csv", ("path", "t", "x", "y"), rows)
