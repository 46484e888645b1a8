"""Points over the data, and their log-probabilities (exercise 2.2.2, conditional, question 6)."""

import numpy as np

from lab.core.artifacts import read_arrays
from lab.core.entry import run
from lab.data.tables import read_table
from lab.drawing.plane import draw_data
from lab.drawing.style import CLASSES, MODEL, draw_regions, new_figure, save

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
# what is plotted, how, and the name in the legend
MARKS = [
    ("diffusion_T", "x", "equation 9, $-L_T$"),
    ("bound", "o", "the whole bound"),
    ("flow", "D", "flow"),
]


def main() -> None:
    table = read_table(
        "data/likelihood.csv", ["x", "y", "class", "right_class", *(key for key, *_ in MARKS)]
    )
    points = read_arrays("data/points.npz")["points"]
    classes = read_arrays("data/classes.npz")
    names = [LETTERS[i % len(LETTERS)] for i in range(len(table))]

    figure = new_figure(height=0.38)
    left, right = figure.subplots(1, 2, width_ratios=(1, 1.1))

    colors = [CLASSES[label] for label in classes["labels"]]
    left.scatter(points[:, 0], points[:, 1], s=1.5, c=colors, alpha=0.35, linewidths=0)
    draw_data(left, reach=1.1)
    draw_regions(left, classes["regions"])
    # equal axes around the data and all of the points
    corners = table[["x", "y"]].to_numpy()
    low, high = min(-1.1, 1.1 * corners.min()), max(1.1, 1.1 * corners.max())
    left.set(xlim=(low, high), ylim=(low, high))
    for (x, y), same in table.groupby(["x", "y"]):
        left.plot(x, y, "o", color="black", markersize=2.5, zorder=6)
        # one location may have two classes: its letters stand on two sides, in their colours
        for place, row in zip((4, -4), same.index, strict=False):
            left.annotate(
                names[row],
                (x, y),
                xytext=(place, 0),
                textcoords="offset points",
                ha="left" if place > 0 else "right",
                va="center",
                zorder=7,
                bbox={
                    "boxstyle": "round,pad=0.15",
                    "facecolor": "white",
                    "edgecolor": CLASSES[table["class"][row]],
                    "linewidth": 1.0,
                },
            )

    rows = np.arange(len(table))
    for key, marker, name in MARKS:
        right.plot(
            table[key], rows, marker, color=MODEL, markersize=4, label=name,
            markerfacecolor="none",
        )  # fmt: skip
    if "truth" in table:
        for row, value in zip(rows, table["truth"], strict=True):
            right.plot([value, value], [row - 0.35, row + 0.35], color="black", linewidth=1.6)
        right.plot([], [], color="black", linewidth=1.6, label="truth")
    right.set_xscale("symlog", linthresh=2)
    right.set(yticks=rows, ylim=(len(table) - 0.4, -0.6), xlabel="log-probability, nats")
    outside = table[["x", "y"]].abs().max(axis=1) > 1
    kind = np.where(outside, ", outside", np.where(table["right_class"] == 1, "", ", wrong"))
    kind[~np.isin(table["class"], classes["labels"])] = ", no data"
    right.set_yticklabels(
        f"{name}: class {number}{what}"
        for name, number, what in zip(names, table["class"], kind, strict=True)
    )
    right.grid(axis="y", linewidth=0.3)
    figure.legend(loc="outside upper right", ncols=4, columnspacing=1.2, handletextpad=0.4)
    save(figure, "likelihood")


if __name__ == "__main__":
    run(main)
