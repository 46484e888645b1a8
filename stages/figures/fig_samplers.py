"""Error by NFE, and the error budget (exercise 2.2.2, unconditional, question 5)."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from lab.core.artifacts import read_metrics
from lab.core.entry import run
from lab.data.tables import read_table
from lab.drawing.style import EXACT, MODEL, TRUTH, label_ends, new_figure, save

SOLVERS = {"euler": "Euler", "ddim": "DDIM", "heun": "Heun", "dpmpp_2m": "DPM++(2M)", "rk4": "RK4"}
SCHEDULES = {
    "exponential": "exponential",
    "karras": "Karras",
    "cosine": "cosine",
    "linear": "linear",
}
BUDGET = {  # by the name in the metrics: "only_" this source of error, or all "without_" it
    "all": "Algorithm 1, all errors",
    "prior": "prior: $N(0, I)$ at $t = 1$",
    "network": "network",
    "steps": "Euler, {budget_steps} steps",
    "noise": "noise left at $t = 0$",
    "fast_euler": "Euler, {fast_evaluations} steps",
    "fast_dpmpp_2m": "DPM++(2M), {fast_evaluations} steps",
}


def curves(
    axes: Axes, table: pd.DataFrame, key: str, names: dict[str, str]
) -> list[tuple[str, str, float, float]]:
    """Draw a curve for each value of a column; return their names, colours and ends."""
    ends = []
    for number, (value, name) in enumerate(names.items()):
        part = table[table[key] == value]
        axes.loglog(part.evaluations, part.rmse, ".-", color=f"C{number}", markersize=4)
        last = part.iloc[-1]
        ends.append((name, f"C{number}", last.evaluations, last.rmse))
    return ends


def draw_budget(budget: Axes, beside: Axes, metrics: dict[str, Any]) -> None:
    """The energy distance due to each source of error, alone and left out; in figures beside."""
    places = range(len(BUDGET), 0, -1)

    def show(value: float, place: float, column: float, marker: str, colour: str) -> None:
        fill = colour if marker == "o" else "white"
        budget.plot(value, place, marker, color=colour, markerfacecolor=fill, markersize=4)
        text = f"{1000 * value:.3f}"
        beside.text(column, place, text, color=colour, ha="right", va="center")

    for place, source in zip(places, BUDGET, strict=True):
        if source == "all":
            show(metrics["budget_all"], place, 0.4, "o", "black")
            continue
        show(metrics[f"only_{source}"], place, 0.4, "o", MODEL)
        if without := metrics.get(f"without_{source}"):
            show(without, place, 1.0, "s", EXACT)
    for column, name, colour in (
        (0.4, "alone,\n●  in $10^{-3}$", MODEL),
        (1.0, "without,\n□  in $10^{-3}$", EXACT),
    ):
        beside.text(column, len(BUDGET) + 0.5, name, color=colour, ha="right", va="bottom")
    beside.set(xlim=(0, 1))
    beside.axis("off")
    budget.axvspan(metrics["null_low"], metrics["null_high"], color="0.85", linewidth=0, zorder=0)
    middle = np.sqrt(metrics["null_low"] * metrics["null_high"])
    budget.text(
        middle,
        len(BUDGET) + 0.5,
        f"{metrics['energy_points']} true samples",
        ha="center",
        va="bottom",
    )
    budget.axvline(metrics["budget_none"], **TRUTH)
    budget.text(metrics["budget_none"], len(BUDGET) + 0.5, "all exact", ha="center", va="bottom")
    budget.set(
        xscale="log",
        xlabel="energy distance to the square",
        ylim=(0.5, len(BUDGET) + 0.5),
        yticks=places,
        yticklabels=[name.format_map(metrics) for name in BUDGET.values()],
    )
    budget.tick_params(axis="y", length=0)


def main() -> None:
    table = read_table(
        "plots/samplers.csv", ["evaluations", "rmse"], ["denoiser", "schedule", "solver"]
    )
    metrics = read_metrics("metrics/details/samplers.json")
    # the exact denoiser comes first, if there is one
    table = table[table.denoiser == table.denoiser.iloc[0]]

    square = "budget_all" in metrics
    figure = new_figure(height=0.56 if square else 0.3)
    heights = (1.2, 1) if square else (1,)
    parts = figure.add_gridspec(len(heights), 1, height_ratios=heights)

    left, right = parts[0].subgridspec(1, 2).subplots(sharey=True, squeeze=False)[0]
    of_solvers = table[table.schedule == "exponential"]
    label_ends(left, curves(left, of_solvers, "solver", SOLVERS), apart=4.5)
    for number, schedule in enumerate(SCHEDULES):
        part = table[(table.solver == "ddim") & (table.schedule == schedule)]
        right.loglog(part.evaluations, part.rmse, ":", color=f"C{number}", linewidth=0.9)
    last = part.iloc[-1]
    ends = curves(right, table[table.solver == "dpmpp_2m"], "schedule", SCHEDULES)
    label_ends(right, [*ends, ("DDIM", "black", last.evaluations, last.rmse)], apart=4.5)
    left.set(title="solvers, on the original schedule", ylabel="error of the end points (RMSE)")
    right.set(title="schedules, with DPM++(2M) and DDIM")
    for axes in (left, right):
        axes.set_xlabel("function evaluations (NFE)")
    if square:
        below = parts[1].subgridspec(1, 2, width_ratios=(3.5, 1))
        budget, beside = below.subplots(sharey=True, squeeze=False)[0]
        draw_budget(budget, beside, metrics)
    save(figure, "samplers")


if __name__ == "__main__":
    run(main)
