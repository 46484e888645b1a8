"""Sigma over time, original and modified (exercise 2.2.2, unconditional, question 5)."""

from lab.core.entry import run
from lab.data.tables import read_table
from lab.drawing.style import new_figure, save

# each line's marker and label, and where the label goes: how far along the line, on which side
NAMES = {
    "exponential": ("o", "exponential, the exercise's", 0.45, "right"),
    "karras": ("s", "Karras", 0.55, "left"),
    "cosine": ("^", "cosine", 0.13, "right"),
    "linear": ("D", "linear", 0.25, "left"),
}


def main() -> None:
    table = read_table("plots/schedules.csv", ["t", *NAMES])

    figure = new_figure(height=0.27)
    left, right = figure.subplots(1, 2)
    for number, (schedule, (marker, name, along, side)) in enumerate(NAMES.items()):
        style = {"color": f"C{number}", "marker": marker, "markersize": 2.5, "linewidth": 0.9}
        left.plot(table.t, table[schedule], **style)
        right.semilogy(table.t, table[schedule], **style)
        row = table.iloc[int(along * (len(table) - 1))]
        right.annotate(
            name,
            (row.t, row[schedule]),
            xytext=(-4, 2) if side == "left" else (5, -2),
            textcoords="offset points",
            ha="right" if side == "left" else "left",
            va="bottom" if side == "left" else "top",
            color=f"C{number}",
        )
    left.set_title("linear axis")
    right.set_title("logarithmic axis")
    for axes in (left, right):
        axes.set(xlim=(0, 1.02), xlabel="time $t$")
    left.set(ylim=(0, 1.02), ylabel="$\\sigma(t)$")
    save(figure, "schedules")


if __name__ == "__main__":
    run(main)
