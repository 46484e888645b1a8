"""A sentence coloured by the log-probability of its tokens (exercise 3.2.4, question 5)."""

import math

import numpy as np
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize

from lab.core.entry import run
from lab.data.tables import read_table
from lab.drawing.fonts import NoFontError
from lab.drawing.layout import SMALL
from lab.drawing.left_out import draw_left_out
from lab.drawing.paint import close, heading, new_page, sentence
from lab.drawing.pieces import join
from lab.drawing.style import save


def shown(value: float) -> str:
    """A log-probability as text; empty if there is none."""
    text = f"{value:.1f}".removeprefix("-")
    return "" if math.isnan(value) else text if float(text) == 0 else f"−{text}"


def main() -> None:
    # a text may look like a number, or like a missing one ("nan", "null")
    table = read_table("data/logprob.csv", ["log_prob", "log_prob_sampling"], ["token", "piece"])
    pieces = join(list(table.piece))
    columns = [pieces.total(table[name]) for name in ("log_prob", "log_prob_sampling")]
    notes = [[shown(value) for value in column] for column in columns]
    colors = ScalarMappable(Normalize(min(np.nanmin(columns[0]), -1), 0), "Oranges_r")
    try:
        page = new_page(pieces.texts)
    except NoFontError as error:
        draw_left_out("logprob", error.says("fig_logprob"))
        return
    y = heading(page, 0, "Log-probability of each token, nats", colors)
    y = sentence(page, y, pieces.texts, columns[0], colors, notes=notes)
    model, sampling = (shown(np.nansum(column)) for column in columns)
    legend = f"Upper numbers: by the model, sum {model}. Lower: as sampled, sum {sampling}."
    page.axes.text(0, y - page.size, legend, fontsize=SMALL * page.size)
    close(page, y - 1.5 * page.size)
    save(page.figure, "logprob")


if __name__ == "__main__":
    run(main)
