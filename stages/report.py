"""Compile the report (exercise 4.2.1) from the figures and the metrics.

It is about the square. For points of the user's own another takes its place, of figures alone.
"""

import re
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path

import typst
from pydantic import ConfigDict

from lab.core.artifacts import read_bytes, read_metrics, write_bytes
from lab.core.entry import run
from lab.core.params import Section, load
from lab.data.origin import of_square
from lab.drawing.fonts import DEJAVU_MONO, NoFontError, fallbacks
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


def place(problem: typst.TypstError | typst.TypstWarning) -> str:
    """Where Typst shows what is wrong: file:line:column."""
    shown = re.search("┌─ (.*)", problem.diagnostic)
    return shown[1] if shown else "report"


def compile_report(source: str, inputs: dict[str, str], fonts: Iterable[Path]) -> bytes:
    """The PDF, set in Typst's own fonts and these."""
    with tempfile.TemporaryDirectory() as folder:
        # Typst takes folders: one of the system's would have fonts in it that are not asked for
        for path in fonts:
            shutil.copy(path, folder)
        try:
            # no system fonts: the same page everywhere; no timestamp: the same bytes every day
            pdf, warnings = typst.compile_with_warnings(
                source, root=".", ignore_system_fonts=True, font_paths=[folder], sys_inputs=inputs
            )
        except typst.TypstError as error:
            raise InputError(f"{place(error)}: {error.message}") from error
    if warnings:
        raise InputError(f"{place(warnings[0])}: {warnings[0].message}")
    return bytes(pdf)


def main() -> None:
    source = SQUARE if of_square() else OWN_POINTS
    try:
        tools = read_bytes(TOOLS).decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(f"{TOOLS}: not UTF-8 text (byte {error.start})") from error
    author, sentence = load("report", Params).author, load("invert", Inversion).sentence
    # Typst has DejaVu Sans Mono in it, and fonts with which it sets what this has
    fonts, lacking = fallbacks("".join((author, sentence, tools, *written(source))), DEJAVU_MONO)
    inputs = {
        "author": author,
        "sentence": sentence,
        "lacking": lacking,
        "no_font": NoFontError(lacking).says("report"),
    }
    write_bytes(OUTPUT, compile_report(source, inputs, fonts))
    print(f"{source} -> {OUTPUT}")


if __name__ == "__main__":
    run(main)
