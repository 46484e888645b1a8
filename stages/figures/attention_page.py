"""The page of a block's attention for the 11th word: what both of its figures draw."""

from typing import Any

from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize

from lookingglass.artifacts import read_arrays, write_table
from stages.figures.paint import SMALL, close, heading, new_page, sentence
from stages.figures.style import save

BLOCKS = ("first", "last")


def draw(name: str) -> None:
    """Write attention_NAME: weights and scores, means over the heads, then the weights of each.

    The scales are those of both blocks, so that their figures can be held side by side.
    """
    data = read_arrays("data/attention.npz")
    block = BLOCKS.index(name)
    tokens = [str(token) for token in data["tokens"]]
    heads = data["weights"].mean(axis=2)
    marks: dict[str, Any] = {"box": range(*data["word"]), "underlined": range(int(data["prompt"]))}
    weights = ScalarMappable(Normalize(0, data["weight"].max()), "Blues")
    scores = ScalarMappable(Normalize(data["score"].min(), data["score"].max()), "Purples")
    each = ScalarMappable(Normalize(0, heads.max()), "Blues")

    page = new_page()
    y = heading(page, 0, f"Weights, mean of the {heads.shape[1]} heads", weights)
    y = sentence(page, y, tokens, data["weight"][block], weights, **marks)
    y = heading(page, y - 3, "Scores less their mean, mean of the heads", scores)
    y = sentence(page, y, tokens, data["score"][block], scores, **marks)
    y = heading(page, y - 3, "Weights of each head", each)
    size = (SMALL + 1) / 2 * page.size
    for head, values in enumerate(heads[block], start=1):
        page.axes.text(0, y - size, f"{head}", fontsize=size, va="baseline")
        y = sentence(page, y, tokens, values, each, left=2 * page.size, size=size, **marks)
        y -= 2
    close(page, y)
    save(page.figure, f"attention_{name}")
    write_table(
        f"plots/attention_{name}.csv",
        ("head", "position", "token", "weight"),
        (
            (head, place, tokens[place], float(weight))
            for head, values in enumerate(heads[block], start=1)
            for place, weight in enumerate(values)
        ),
    )
