"""The excess loss by noise level, and its sources (exercise 2.2.2, unconditional, question 2)."""

import pandas as pd
from matplotlib.axes import Axes

from lab.core.artifacts import read_metrics
from lab.core.entry import run
from lab.data.tables import read_table
from lab.drawing.style import EXACT, MODEL, label_ends, new_figure, save

PLAIN = "#009E73"


def middle(part: pd.DataFrame, along: float) -> tuple[float, float]:
    """The point halfway between the two curves, at the fraction `along` of this part of them."""
    row = part.iloc[int(along * (len(part) - 1))]
    return row.sigma, (row.network * row.points) ** 0.5


def shade(axes: Axes, ours: pd.DataFrame) -> None:
    """Shade and label the area between the network and memorised points."""
    axes.fill_between(ours.sigma, ours.network, ours.points, color=MODEL, alpha=0.12, linewidth=0)
    if (ours.network < ours.points).any():
        saved = ours[ours.network < ours.points]
        axes.annotate(
            "gained by\ngeneralising",
            middle(saved, 5 / 6),  # near the end where the area is widest
            xytext=(0, 3),
            textcoords="offset points",
            ha="center",
            va="center",
        )
    if (ours.network > ours.points).any():
        place = middle(ours[ours.network > ours.points], 1 / 2)
        axes.annotate(
            "network's error",
            place,
            xytext=(-75, -14),
            textcoords="offset points",
            arrowprops={"arrowstyle": "-", "linewidth": 0.6},
        )


def main() -> None:
    ours = read_table("plots/evaluate_diffusion.csv", ["sigma", "network"])
    plain = read_table("plots/evaluate_plain.csv", ["sigma", "network"])
    metrics = read_metrics("metrics/details/evaluate_diffusion.json")
    plain_metrics = read_metrics("metrics/details/evaluate_plain.json")
    lines = [
        (plain, "network", "^", PLAIN, "recommended recipe", plain_metrics["excess_loss"]),
        (ours, "network", "o", MODEL, "our network", metrics["excess_loss"]),
    ]
    square = "points" in ours  # your own points are the truth themselves
    if square:
        name = "memorised points"
        lines.insert(0, (ours, "points", "s", EXACT, name, metrics["points_excess"]))

    figure = new_figure(height=0.28)
    axes = figure.subplots()
    ends = []
    for table, column, marker, colour, name, mean in lines:
        axes.loglog(table.sigma, table[column], marker + "-", color=colour, markersize=2.5)
        last = table.iloc[int(table.sigma.argmax())]
        ends.append((f"{name}:\n{mean:.2g} on average", colour, last.sigma, last[column]))
    if square:
        shade(axes, ours)
    label_ends(axes, ends, apart=12 if square else 3)
    axes.set(xlabel="noise level $\\sigma$", ylabel="excess loss")
    axes.set_ylim(axes.get_ylim()[0] / 2)
    save(figure, "excess")


if __name__ == "__main__":
    run(main)
