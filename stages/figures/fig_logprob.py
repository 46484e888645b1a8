"""A sentence painted by the log-probability of its tokens (exercise 3.2.4, question 5)."""

import math

from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize

from stages.entry import run
from stages.figures.paint import SMALL, close, heading, new_page, sentence
from stages.figures.style import save
from stages.figures.tables import read_table


def shown(value: float) -> str:
    """A log-probability in print; nothing where there is none."""
    text = f"{value:.1f}".removeprefix("-")
    return "" if math.isnan(value) else text if float(text) == 0 else f"−{text}"


def main() -> None:
    # a token may look like a number, or like one that is missing ("nan", "null")
    table = read_table("data/logprob.csv", ["log_prob", "log_prob_sampling"], ["token"])
    columns = table.log_prob, table.log_prob_sampling
    notes = [[shown(value) for value in column] for column in columns]
    colors = ScalarMappable(Normalize(min(table.log_prob.min(), -1), 0), "Oranges_r")

    page = new_page()
    y = heading(page, 0, "Log-probability of each token, nats", colors)
    y = sentence(page, y, list(table.token), list(table.log_prob), colors, notes=notes)
    model, sampling = (shown(column.sum()) for column in columns)
    legend = f"Upper numbers: by the model, sum {model}. Lower: as it was sampled, sum {sampling}."
    page.axes.text(0, y - page.size, legend, fontsize=SMALL * page.size)
    close(page, y - 1.5 * page.size)
    save(page.figure, "logprob")


if __name__ == "__main__":
    run(main)
