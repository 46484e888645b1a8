"""Points over the data, and their log-probabilities (exercise 2.2.2, conditional, question 6)."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from numpy.typing import NDArray

from lab.core.artifacts import read_arrays
from lab.core.entry import run
from lab.data.tables import read_table
from lab.drawing.plane import draw_data
from lab.drawing.style import CLASSES, MODEL, draw_regions, new_figure, save

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
# the column, its marker, and its name in the legend
MARKS = [
    ("diffusion_T", "x", "equation 9, $-L_T$"),
    ("bound", "o", "full ELBO"),
    ("flow", "D", "flow"),
]
TRUTH: dict[str, Any] = {"color": "black", "linewidth": 1.6}


def draw_points(axes: Axes, table: pd.DataFrame) -> None:
    """The points, each with its letter in the colour of its class."""
    # equal axes around the data and all points
    corners = table[["x", "y"]].to_numpy()
    low, high = min(-1.1, 1.1 * corners.min()), max(1.1, 1.1 * corners.max())
    axes.set(xlim=(low, high), ylim=(low, high))
    for _, same in table.groupby(["x", "y"]):
        x, y = same.x.iloc[0], same.y.iloc[0]
        axes.plot(x, y, "o", color="black", markersize=2.5, zorder=6)
        # of two classes at the same location, one letter is on the right and one on the left
        for side, row in zip((4, -4), same.index, strict=False):
            box = {"boxstyle": "round,pad=0.15", "facecolor": "white", "linewidth": 1.0}
            axes.annotate(
                table.letter[row],
                (x, y),
                xytext=(side, 0),
                textcoords="offset points",
                ha="left" if side > 0 else "right",
                va="center",
                zorder=7,
                bbox={**box, "edgecolor": CLASSES[table["class"][row]]},
            )


def draw_log_probabilities(axes: Axes, table: pd.DataFrame, classes: NDArray[np.int64]) -> None:
    """A row for each point, with each method's log-probability; `classes` are those with data."""
    rows = table.index
    for key, marker, name in MARKS:
        axes.plot(
            table[key], rows, marker, color=MODEL, markersize=4, label=name, markerfacecolor="none"
        )
    if "truth" in table:
        for row, value in zip(rows, table["truth"], strict=True):
            axes.plot([value, value], [row - 0.35, row + 0.35], **TRUTH)
        axes.plot([], [], label="truth", **TRUTH)
    axes.set_xscale("symlog", linthresh=2)
    axes.set(yticks=rows, ylim=(len(table) - 0.4, -0.6), xlabel="log-probability, nats")
    outside = table[["x", "y"]].abs().max(axis=1) > 1
    note = np.where(outside, ", outside", np.where(table["right_class"] == 1, "", ", wrong"))
    note[~np.isin(table["class"], classes)] = ", no data"
    axes.set_yticklabels(
        f"{letter}: class {number}{words}"
        for letter, number, words in zip(table.letter, table["class"], note, strict=True)
    )
    axes.grid(axis="y", linewidth=0.3)


def main() -> None:
    table = read_table(
        "data/likelihood.csv", ["x", "y", "class", "right_class", *(key for key, *_ in MARKS)]
    )
    table["letter"] = [LETTERS[i % len(LETTERS)] for i in range(len(table))]
    points = read_arrays("data/points.npz")["points"]
    classes = read_arrays("data/classes.npz")

    figure = new_figure(height=0.38)
    left, right = figure.subplots(1, 2, width_ratios=(1, 1.1))
    colors = [CLASSES[label] for label in classes["labels"]]
    left.scatter(points[:, 0], points[:, 1], s=1.5, c=colors, alpha=0.35, linewidths=0)
    draw_data(left, reach=1.1)
    draw_regions(left, classes["regions"])
    draw_points(left, table)
    draw_log_probabilities(right, table, classes["labels"])
    figure.legend(loc="outside upper right", ncols=4, columnspacing=1.2, handletextpad=0.4)
    save(figure, "likelihood")


if __name__ == "__main__":
    run(main)
