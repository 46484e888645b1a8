"""What the data are, drawn under what a model makes of them."""

import numpy as np
from matplotlib.axes import Axes

from lookingglass.artifacts import read_arrays
from stages.diffusion.origin import of_square
from stages.figures.style import draw_plane, draw_square

SHOWN = 500  # points, about: enough to see where they lie


def draw_data(axes: Axes, reach: float) -> None:
    """The outline of the square, or the user's own points in grey; axes from -reach to reach."""
    if of_square():
        draw_square(axes, reach)
        return
    points = read_arrays("data/points.npz")["points"]
    # evenly spread over the file, which may be in some order
    some = np.linspace(0, len(points) - 1, min(SHOWN, len(points))).astype(int)
    axes.scatter(points[some, 0], points[some, 1], s=1.5, color="0.75", linewidths=0, zorder=0)
    draw_plane(axes, reach)
