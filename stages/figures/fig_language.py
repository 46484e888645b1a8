"""A sentence of the known language: what could come next, by the truth and by the GPT."""

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.patches import Patch
from pandas import DataFrame

from lab.core.entry import run
from lab.data.tables import read_table
from lab.drawing.fonts import NoFontError, families
from lab.drawing.left_out import draw_left_out
from lab.drawing.style import MODEL, new_figure, save

COLUMNS = 4
TRUTH = "black"
CAME = "#D55E00"


def shown(token: str) -> str:
    """A token with its blanks visible, and nothing that matplotlib would take for mathematics."""
    return token.replace(" ", "␣").replace("\n", "⏎").replace("$", r"\$")


def draw_place(axes: Axes, table: DataFrame) -> None:
    """Bars of the candidates at one place, with the truth's above the GPT's."""
    y = range(len(table))
    axes.barh([i - 0.2 for i in y], table.truth, height=0.36, color=TRUTH)
    axes.barh([i + 0.2 for i in y], table.gpt, height=0.36, color=MODEL)
    axes.set_yticks(list(y), [shown(token) for token in table.token])
    for label, came in zip(axes.get_yticklabels(), table.came, strict=True):
        if came:
            label.set(color=CAME, fontweight="bold")
    axes.set_title(f"after “{shown(table.after.iloc[0])}”", fontsize="medium")
    axes.invert_yaxis()
    axes.tick_params(axis="y", length=0)
    axes.margins(x=0.04, y=0.03)
    axes.set_xlim(left=0)
    axes.locator_params(axis="x", nbins=3)
    axes.xaxis.set_major_formatter("{x:g}")


def main() -> None:
    table = read_table(
        "data/language_sentence.csv", ["position", "truth", "gpt", "came"], ["after", "token"]
    )
    try:
        fonts = families("".join(map(shown, table.after + table.token)))
    except NoFontError as error:
        draw_left_out("language", error.says("fig_language"))
        return
    places = list(table.groupby("position"))
    rows = -(-len(places) // COLUMNS)
    figure = new_figure(height=0.19 * rows + 0.08)
    mpl.rcParams["font.family"] = fonts
    every = figure.subplots(rows, COLUMNS, squeeze=False).flatten()
    for axes, (_, of_place) in zip(every, places, strict=False):
        draw_place(axes, of_place)
    for axes in every[len(places) :]:
        axes.set_visible(False)
    figure.supxlabel("probability of the next token", fontsize="medium")
    colours = {"truth": TRUTH, "GPT": MODEL, "name of the token that came": CAME}
    figure.legend(
        handles=[Patch(color=colour, label=name) for name, colour in colours.items()],
        loc="outside upper center",
        ncols=len(colours),
        handlelength=1,
    )
    save(figure, "language")


if __name__ == "__main__":
    run(main)
