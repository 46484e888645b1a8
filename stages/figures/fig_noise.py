"""The same noise ten times, and four trajectories (exercise 2.2.2, unconditional, question 6)."""

import numpy as np

from lab.core.artifacts import read_arrays, read_metrics
from lab.core.entry import run
from lab.drawing.plane import draw_data
from lab.drawing.style import new_figure, save

MARKERS = "os^Dv*"  # one for each input shown
REACH = 1.2


def main() -> None:
    data, metrics = read_arrays("data/noise.npz"), read_metrics("metrics/details/noise.json")

    figure = new_figure(height=0.29)
    left, right, *path_axes = figure.subplots(1, 4)
    for axes, ends in ((left, data["same"]), (right, data["different"])):
        for number, marker in enumerate(MARKERS[: ends.shape[1]]):
            style = {"color": f"C{number}", "marker": marker, "linewidths": 0, "alpha": 0.8}
            axes.scatter(*ends[:, number].T, s=11, **style)
        draw_data(axes, REACH)
    left.set_title(f"ODE: ten outputs,\nat most {metrics['largest_difference']:.2g} apart")
    right.set_title("reverse SDE:\nten different outputs")

    paths = (data["straight"], data["wandering"])
    reach = 1.08 * max(np.abs(np.concatenate(paths)).max(), 1)
    for axes, states in zip(path_axes, paths, strict=True):
        for number in range(states.shape[1]):
            colour = f"C{number}"
            axes.plot(*states[:, number].T, color=colour, linewidth=0.7)
            axes.plot(*states[0, number], "o", color=colour, markerfacecolor="white", markersize=4)
            axes.plot(*states[-1, number], "s", color=colour, markersize=4)
        draw_data(axes, reach)
    path_axes[0].set_title("ODE trajectories,\n○ noise to ■ output")
    path_axes[1].set_title("reverse SDE\ntrajectories")
    save(figure, "noise")


if __name__ == "__main__":
    run(main)
