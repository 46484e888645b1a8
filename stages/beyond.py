"""Compile the second document, on what goes beyond the exercise, from the figures and the metrics.

The report may have ten pages only. For points of the user's own the sections on the square are
left out.
"""

import json

from lab.core.artifacts import write_bytes
from lab.core.entry import run
from lab.core.params import Section, load
from lab.document.typeset import typeset
from lab.headlines import excess_sources, language
from lab.headlines.quantity import over_seeds, what_the_intervals_are

SOURCE = "report/beyond.typ"
OUTPUT = "report/beyond.pdf"


class Report(Section):
    author: str


def main() -> None:
    author = load("report", Report).author
    known = over_seeds(excess_sources.HEADLINES, language.HEADLINES)
    inputs = {
        "author": author,
        "over_seeds": json.dumps(known),
        "intervals": what_the_intervals_are(known),
    }
    write_bytes(OUTPUT, typeset("beyond", SOURCE, inputs, author))
    print(f"{SOURCE} -> {OUTPUT}")


if __name__ == "__main__":
    run(main)
