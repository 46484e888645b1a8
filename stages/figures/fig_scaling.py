"""Excess on the known language by number of tokens and by width, with fitted power laws."""

from matplotlib.axes import Axes
from matplotlib.ticker import EngFormatter, LogLocator, NullLocator
from pandas import DataFrame

from lab.core.artifacts import write_table
from lab.core.entry import run
from lab.data.tables import read_table
from lab.drawing.style import MODEL, new_figure, save
from lookingglass.power_law import PowerLaw, fit_power_law

NGRAM = "#009E73"
TICKS = 6
"""Most numbers below an axis."""


def points(axes: Axes, table: DataFrame, x: str, name: str, color: str) -> None:
    axes.errorbar(table[x], table[name], table[f"{name}_error"], fmt="o", ms=3, color=color)


def line(axes: Axes, table: DataFrame, x: str, name: str, title: str, color: str) -> PowerLaw:
    """Points with their errors and the power law through them, with its exponent in the legend."""
    law = fit_power_law(table[x].astype(float).tolist(), table[name].astype(float).tolist())
    points(axes, table, x, name, color)
    ends = [float(table[x].min()), float(table[x].max())]
    label = f"{title}: exponent {law.exponent:.3f} ± {law.half_width:.3f}".replace("-0", "−0")
    axes.plot(ends, [law.at(end) for end in ends], color=color, linewidth=0.9, label=label)
    return law


def scale(axes: Axes, x: list[int]) -> None:
    """Logarithmic axes with numbers at some of these x, and at round y."""
    axes.set(xscale="log", yscale="log")
    axes.xaxis.set_major_formatter(EngFormatter(places=0, sep=""))
    axes.set_xticks(x[:: -(-len(x) // TICKS)])
    axes.xaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 1.5, 2, 3, 5, 7)))
    axes.yaxis.set_major_formatter("{x:g}")
    axes.yaxis.set_minor_locator(NullLocator())


def main() -> None:
    columns = ["tokens", "width", "gpt", "gpt_error", "ngram", "ngram_error"]
    by_tokens = read_table("plots/scaling_tokens.csv", columns)
    by_width = read_table("plots/scaling_width.csv", columns)
    figure = new_figure(height=0.38)
    left, right = figure.subplots(1, 2, sharey=True)
    laws = [
        ("tokens", "gpt", line(left, by_tokens, "tokens", "gpt", "GPT", MODEL)),
        ("tokens", "ngram", line(left, by_tokens, "tokens", "ngram", "Kneser-Ney", NGRAM)),
        ("width", "gpt", line(right, by_width, "width", "gpt", "GPT", MODEL)),
    ]
    right.axhline(by_width.ngram.iloc[0], color=NGRAM, linewidth=0.9, label="Kneser-Ney")
    for axes, x, label in (
        (left, by_tokens.tokens, f"training tokens (width {by_tokens.width.iloc[0]})"),
        (right, by_width.width, f"width ({by_width.tokens.iloc[0]:,} training tokens)"),
    ):
        scale(axes, sorted(set(x)))
        axes.set_xlabel(label)
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1), borderaxespad=0.2)
    left.set_ylabel("excess loss, nats per token")
    save(figure, "scaling")
    write_table(
        "plots/scaling_laws.csv",
        ["by", "model", "scale", "exponent", "half_width"],
        [[by, name, law.scale, law.exponent, law.half_width] for by, name, law in laws],
    )


if __name__ == "__main__":
    run(main)
