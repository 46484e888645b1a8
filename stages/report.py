"""Compile the report (exercise 4.2.1) from the figures and the metrics.

It is about the square. For points of the user's own another takes its place, of figures alone.
"""

import math
import re
from pathlib import Path
from xml.etree import ElementTree

import typst

from lookingglass.artifacts import read_bytes, read_metrics, write_bytes
from lookingglass.errors import InputError
from lookingglass.params import Section, load
from stages.diffusion.origin import of_square
from stages.entry import run
from stages.markdown import to_typst

SQUARE = "report/report.typ"
OWN_POINTS = "report/own_points.typ"
TOOLS = "report/tools.md"
OUTPUT = "report/report.pdf"


class Params(Section):
    author: str


def check_metrics(source: str) -> None:
    """Typst would not name the file that a NaN is in."""
    text = Path(source).read_text(encoding="utf-8")
    for path in re.findall(r'metrics\("/([^"]+)"\)', text):
        for key, value in read_metrics(path).items():
            if isinstance(value, float) and not math.isfinite(value):
                raise InputError(f"{path}: {key} = {value}: must be a number")


def unreadable() -> Path | None:
    """The figure that is no SVG, if there is one: Typst would not name it either."""
    for path in sorted(Path("plots").glob("*.svg")):
        try:
            ElementTree.parse(path)
        except (ElementTree.ParseError, OSError):
            return path
    return None


def main() -> None:
    source = SQUARE if of_square() else OWN_POINTS
    check_metrics(source)
    tools = read_bytes(TOOLS).decode("utf-8", errors="replace")
    inputs = {"author": load("report", Params).author, "tools": to_typst(tools, TOOLS)}
    try:
        # no system fonts: the same page everywhere; no timestamp: the same bytes every day
        pdf, warnings = typst.compile_with_warnings(
            source, root=".", ignore_system_fonts=True, sys_inputs=inputs
        )
    except typst.TypstError as error:
        raise InputError(f"{unreadable() or source}: {error.message}") from error
    if warnings:
        raise InputError(f"{source}: {warnings[0].message}")
    write_bytes(OUTPUT, pdf)
    print(f"{source} -> {OUTPUT}")


if __name__ == "__main__":
    run(main)
