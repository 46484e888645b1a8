"""The inversion over its steps, learning rates and tokens (exercise 3.2.4, question 2)."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patheffects import withStroke
from matplotlib.ticker import LogLocator, NullFormatter

from lab.core.artifacts import read_metrics
from lab.core.entry import run
from lab.data.tables import read_table
from lab.drawing.fonts import NoFontError, families
from lab.drawing.layout import visible
from lab.drawing.left_out import draw_left_out
from lab.drawing.pieces import join
from lab.drawing.style import EXACT, MODEL, TRUTH, new_figure, save


def over_steps(axes: Axes, curves: pd.DataFrame, name: str) -> None:
    """One thin line for each restart."""
    for _, part in curves.groupby("restart"):
        axes.plot(part.step, part[name], color=MODEL, linewidth=0.8, alpha=0.6)
    axes.set(xlim=(0, curves.step.max()), xlabel="step")


def by_rate(axes: Axes, rates: pd.DataFrame, restarts: int) -> None:
    """Final loss at each rate; hollow if some restarts do not produce the sentence."""
    axes.loglog(rates.rate, rates.loss, color=MODEL, linewidth=0.8)
    for _, row in rates.iterrows():
        solved = row.restarts_matched == restarts
        axes.plot(row.rate, row.loss, "o", color=MODEL, markersize=5, mfc=None if solved else "w")
        count = f"{row.restarts_matched:.0f}"
        axes.annotate(
            count, (row.rate, row.loss), xytext=(0, 5), textcoords="offset points", ha="center",
            path_effects=[withStroke(linewidth=2, foreground="white")],
        )  # fmt: skip


def by_token(axes: Axes, tokens: pd.DataFrame, restarts: int) -> None:
    """How many restarts produce each token, from the vectors and from their projections.

    Tokens that share a character are averaged; "no input can" if that is proved for one of them.
    Raises NoFontError if no font has the sentence.
    """
    pieces = join(list(tokens.piece))
    places = np.arange(len(pieces.texts))
    names = [visible(text.strip() or text) for text in pieces.texts]
    axes.plot(pieces.mean(tokens.produced), places, "o", color=MODEL, markersize=5,
              label="as found", clip_on=False)  # fmt: skip
    axes.plot(pieces.mean(tokens.snapped), places, "s", color=EXACT, markersize=4, mfc="none",
              label="projected to tokens", clip_on=False)  # fmt: skip
    leads = np.minimum.reduceat(tokens.lead_bound.to_numpy(), pieces.starts)
    for place, lead in enumerate(leads):
        if lead < 0:
            axes.text(restarts / 2, float(place), "no input can", va="center", ha="center",
                      bbox={"color": "white", "pad": 1})  # fmt: skip
    axes.set(
        yticks=places,
        ylim=(len(places) - 0.5, -0.5),
        xlim=(-0.03 * restarts, 1.03 * restarts),
        xticks=sorted({0, restarts // 2, restarts}),
    )
    axes.set_yticklabels(names, fontfamily=families("".join(names)), parse_math=False)
    axes.grid(axis="y", linewidth=0.4, color="0.85")
    axes.set_axisbelow(True)
    axes.tick_params(axis="y", length=0)
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.12), ncols=2, handletextpad=0.1,
                columnspacing=1.0)  # fmt: skip


def show_floor(axes: Axes, floor: float) -> None:
    """The loss of the best hidden states that were found, with room for its label."""
    axes.axhline(floor, **TRUTH)
    axes.annotate("best hidden states", (0.98, floor), xycoords=("axes fraction", "data"),
                  xytext=(0, -3), textcoords="offset points", ha="right", va="top")  # fmt: skip
    axes.set_ylim(min(axes.get_ylim()[0], floor / 1.6), 1.4 * axes.get_ylim()[1])
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.yaxis.set_major_formatter("{x:g}")
    axes.yaxis.set_minor_formatter(NullFormatter())


def main() -> None:
    curves, metrics = (
        read_table("plots/invert.csv", ["step", "restart", "loss", "match"]),
        read_metrics("metrics/details/invert.json"),
    )
    rates, tokens = (
        read_table("data/invert_rates.csv", ["rate", "restarts_matched", "loss"]),
        read_table("data/invert.csv", ["produced", "snapped", "lead_bound"], ["token", "piece"]),
    )
    restarts, count = metrics["restarts"], metrics["tokens"]

    figure = new_figure(height=0.32)
    match, loss, sweep, text = figure.subplots(1, 4, width_ratios=(1, 1, 1.1, 1))
    over_steps(match, curves, "match")
    match.axhline(count, **TRUTH)
    match.annotate("the sentence", (0.98, count), xycoords=("axes fraction", "data"),
                   xytext=(0, 3), textcoords="offset points", ha="right")  # fmt: skip
    match.set(ylim=(0, 1.15 * count), title=f"tokens produced,\n{restarts} restarts")
    over_steps(loss, curves, "loss")
    loss.set(yscale="log", title="loss, nats per token\n")
    by_rate(sweep, rates, restarts)
    sweep.set(title="final loss;\nrestarts that succeed", xlabel="learning rate")
    show_floor(loss, metrics["loss_floor"])
    show_floor(sweep, metrics["loss_floor"])
    text.set(title="restarts that\nproduce each token")
    try:
        by_token(text, tokens, restarts)
    except NoFontError as error:
        draw_left_out("inversion", error.says("fig_inversion"))
    else:
        save(figure, "inversion")


if __name__ == "__main__":
    run(main)
