"""Sigma over time, the original and the modified (exercise 2.2.2, unconditional, question 5)."""

import pandas as pd

from stages.entry import run
from stages.figures.style import new_figure, save

NAMES = {
    "exponential": "exponential, the exercise's",
    "karras": "Karras, $\\rho = 7$",
    "cosine": "cosine-like",
    "linear": "linear",
}


def main() -> None:
    table = pd.read_csv("plots/schedules.csv")

    figure = new_figure(height=0.45)
    left, right = figure.subplots(1, 2)
    for number, (schedule, name) in enumerate(NAMES.items()):
        style = {"color": f"C{number}", "marker": ".", "markersize": 4, "linewidth": 0.9}
        left.plot(table.t, table[schedule], **style)
        right.semilogy(table.t, table[schedule], **style, label=name)
    left.set_title("linear axis")
    right.set_title("logarithmic axis")
    for axes in (left, right):
        axes.set(xlim=(0, 1.02), xlabel="time $t$")
    left.set(ylim=(0, 1.02), ylabel="$\\sigma(t)$")
    # lines that cross twice have no room for names beside them
    right.legend(loc="lower right", handlelength=1.2)
    save(figure, "schedules")


if __name__ == "__main__":
    run(main)
