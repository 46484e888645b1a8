"""Few steps shrink the square (exercise 2.2.2, unconditional, question 4)."""

import numpy as np

from lab.core.artifacts import read_arrays, read_metrics
from lab.core.entry import run
from lab.data.tables import read_table
from lab.drawing.plane import draw_data
from lab.drawing.style import EXACT, MODEL, TRUTH, label_ends, new_figure, save

COLUMNS = 5
SQUARE_STD = 3**-0.5


def main() -> None:
    data, metrics = read_arrays("data/steps.npz"), read_metrics("metrics/details/steps.json")
    table = read_table("plots/steps.csv", ["steps", "std"], ["run"])

    square = "inside" in table  # else there is the trained model alone, and its spread
    figure = new_figure(height=0.53 if square else 0.5)
    halves = figure.add_gridspec(2, 1, height_ratios=(1.25, 1))

    rows = 2 if square else 1
    grid = halves[0].subgridspec(rows, COLUMNS).subplots(sharex=True, sharey=True, squeeze=False)
    chosen = np.linspace(0, len(data["steps"]) - 1, COLUMNS).round().astype(int)
    for column, index in enumerate(chosen):
        for row, colour in enumerate((MODEL, EXACT)[:rows]):
            axes = grid[row, column]
            axes.scatter(*data["samples"][index, row].T, s=0.6, color=colour, linewidths=0)
            draw_data(axes, reach=1.1)
        grid[0, column].set_title(f"$T = {data['steps'][index]}$")
    grid[0, 0].set_ylabel("network", color=MODEL)
    if square:
        grid[1, 0].set_ylabel("exact", color=EXACT)

    std, *others = halves[1].subgridspec(1, 3 if square else 1).subplots(squeeze=False)[0]
    runs = {
        "model": ("network", {"color": MODEL, "marker": "o"}),
        "exact": ("exact", {"color": EXACT, "marker": "s"}),
        "matched": ("exact, from\n$N(0, 4/3\\,I)$", {"color": EXACT, "marker": "s", "mfc": "w"}),
    }
    ends = []
    for name, (label, style) in runs.items():
        part = table[table.run == name]
        if part.empty:
            continue
        options = {"markersize": 3, "linewidth": 1.0, **style}
        std.semilogx(part.steps, part["std"], **options)
        if square:
            inside, energy = others
            inside.semilogx(part.steps, 100 * part.inside, **options)
            energy.loglog(part.steps, part.energy, **options)
            last = part.iloc[-1]
            ends.append((label, style["color"], last.steps, last.energy))

    least = table.steps.min()
    data_std = metrics.get("data_std", SQUARE_STD)
    std.axhline(data_std, **TRUTH)
    std.text(least, data_std + (0.01 if square else 0.03), "the square" if square else "the data")
    std.set(ylim=(0.15, 0.65) if square else (0, data_std + 0.15), title="standard deviation")
    if square:
        noisy = 100 * metrics["noisy_inside"]
        inside.axhline(noisy, **TRUTH)
        inside.text(least, noisy - 0.02, "exact at $t = 0$", va="top")
        inside.set(title="inside, %")
        energy.axhspan(metrics["null_low"], metrics["null_high"], color="0.85", linewidth=0)
        energy.text(least, 1.1 * metrics["null_low"], "true samples")
        energy.set(title="energy distance")
        label_ends(energy, ends, apart=3)
    for axes in (std, *others):
        axes.set_xlabel("steps $T$")
    save(figure, "steps")


if __name__ == "__main__":
    run(main)
