"""Compile the report (exercise 4.2.1) from the figures and the metrics.

It is about the square. For points of the user's own another takes its place, of figures alone.
"""

import json
from collections.abc import Iterable

from pydantic import ConfigDict

from lab.core.artifacts import read_bytes, read_metrics, write_bytes
from lab.core.entry import run
from lab.core.params import Section, load
from lab.data.origin import of_square
from lab.document.typeset import typeset
from lab.headlines import diffusion, excess_sources, gpt
from lab.headlines.ladder import ladder
from lab.headlines.quantity import over_seeds, what_the_intervals_are
from lookingglass.errors import InputError

SQUARE = "report/report.typ"
OWN_POINTS = "report/own_points.typ"
TOOLS = "report/tools.typ"  # a section of the user's, which may need other fonts
OUTPUT = "report/report.pdf"


class Params(Section):
    author: str


class Inversion(Section):
    model_config = ConfigDict(extra="ignore")

    sentence: str


def written(source: str) -> Iterable[str]:
    """What of the model's text the report has in it; that of points of one's own has none."""
    if source == OWN_POINTS:
        return ()
    attention = read_metrics("metrics/details/attention.json")
    return (
        read_bytes("data/generated.txt").decode("utf-8", errors="replace"),
        *(value for value in attention.values() if isinstance(value, str)),
    )


def main() -> None:
    source = SQUARE if of_square() else OWN_POINTS
    try:
        tools = read_bytes(TOOLS).decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(f"{TOOLS}: not UTF-8 text (byte {error.start})") from error
    author, sentence = load("report", Params).author, load("invert", Inversion).sentence
    text = "".join((author, sentence, tools, *written(source)))
    inputs = {"author": author, "sentence": sentence}
    if source == SQUARE:
        known = over_seeds(diffusion.HEADLINES, excess_sources.HEADLINES, gpt.HEADLINES)
        inputs["over_seeds"] = json.dumps(known)
        inputs["intervals"] = what_the_intervals_are(known)
        inputs["ladder"] = json.dumps(ladder())
    write_bytes(OUTPUT, typeset("report", source, inputs, text))
    print(f"{source} -> {OUTPUT}")


if __name__ == "__main__":
    run(main)
