"""The data as the backdrop of a plot in the plane; points and trajectories as tables."""

from collections.abc import Iterable
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from lab.core.artifacts import read_arrays, write_table
from lab.data.origin import of_square
from lab.drawing.style import draw_plane, draw_square

SHOWN = 500  # points of the data: enough to see where they lie
LISTED = 2000  # most points in a table
TIMES = 101  # most times of a trajectory in a table


def some(n: int, most: int) -> NDArray[np.intp]:
    """Indices of at most `most` of n items, evenly spread, in case a file is sorted."""
    return np.linspace(0, n - 1, min(most, n)).astype(int)


def draw_data(axes: Axes, reach: float) -> None:
    """Outline the square, or draw your own points in grey; axes from -reach to reach."""
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
    """Write named trajectories, from t = 1 to 0, for `dvc plots`; NaN becomes an empty cell."""
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
