"""The attention of one block for the 11th word, as both attention figures draw it."""

from typing import Any

import numpy as np
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from numpy.typing import NDArray

from lab.core.artifacts import read_arrays, write_table
from lab.drawing.fonts import NoFontError
from lab.drawing.layout import SMALL
from lab.drawing.left_out import draw_left_out
from lab.drawing.paint import Page, close, heading, new_page, sentence
from lab.drawing.pieces import join
from lab.drawing.style import save

BLOCKS = ("first", "last")


def draw(name: str) -> None:
    """Write attention_NAME: weights and scores averaged over heads, then the weights of each head.

    Both blocks share their colour scales, so that the two figures can be compared. Tokens that
    share a character are drawn as one: their weights are added, their scores averaged.
    """
    data = read_arrays("data/attention.npz")
    if "left_out" in data:
        draw_left_out(f"attention_{name}", f"Left out: {data['left_out']}.")
        heads = np.empty((0, 0))
    else:
        heads = data["weights"].mean(axis=2)[BLOCKS.index(name)]
        try:
            page = painted(data, BLOCKS.index(name))
        except NoFontError as error:
            draw_left_out(f"attention_{name}", error.says(f"fig_attention_{name}"))
        else:
            save(page.figure, f"attention_{name}")
    write_table(
        f"plots/attention_{name}.csv",
        ("head", "position", "token", "weight"),
        (
            (head, place, str(data["tokens"][place]), float(weight))
            for head, values in enumerate(heads, start=1)
            for place, weight in enumerate(values)
        ),
    )


def painted(data: dict[str, NDArray[Any]], block: int) -> Page:
    """The page. Raises NoFontError if no font has all characters."""
    pieces = join([str(text) for text in data["pieces"]])
    marks: dict[str, Any] = {
        "box": pieces.of(range(*data["word"])),
        "underlined": pieces.of(range(int(data["prompt"]))),
    }
    weight, score = pieces.total(data["weight"]), pieces.mean(data["score"])
    heads = pieces.total(data["weights"].mean(axis=2))
    weights = ScalarMappable(Normalize(0, weight.max()), "Blues")
    scores = ScalarMappable(Normalize(score.min(), score.max()), "Purples")
    each = ScalarMappable(Normalize(0, heads.max()), "Blues")

    page = new_page(pieces.texts)
    y = heading(page, 0, f"Weights, mean of the {heads.shape[1]} heads", weights)
    y = sentence(page, y, pieces.texts, weight[block], weights, **marks)
    y = heading(page, y - 3, "Scores less their mean, mean of the heads", scores)
    y = sentence(page, y, pieces.texts, score[block], scores, **marks)
    y = heading(page, y - 3, "Weights of each head", each)
    size = (SMALL + 1) / 2 * page.size
    for head, values in enumerate(heads[block], start=1):
        page.axes.text(0, y - size, f"{head}", fontsize=size, va="baseline")
        y = sentence(page, y, pieces.texts, values, each, left=2 * page.size, size=size, **marks)
        y -= 2
    close(page, y)
    return page
