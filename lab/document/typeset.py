"""Typeset a PDF from a Typst source, with fonts for any text."""

import re
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

import typst

from lab.drawing.fonts import DEJAVU_MONO, NoFontError, fallbacks
from lookingglass.errors import InputError


def typeset(stage: str, source: str, inputs: Mapping[str, str], text: str) -> bytes:
    """The PDF of a stage's document; `text` is all that a user or a model wrote in it.

    The document is told of the characters of the text that no font on this computer has.
    """
    # Typst has DejaVu Sans Mono in it, and fonts with which it sets what this has
    fonts, lacking = fallbacks(text, DEJAVU_MONO)
    without = {"lacking": lacking, "no_font": NoFontError(lacking).says(stage)}
    return compiled(source, {**inputs, **without}, fonts)


def compiled(source: str, inputs: dict[str, str], fonts: Iterable[Path]) -> bytes:
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
            raise InputError(f"{place(error, source)}: {error.message}") from error
    if warnings:
        raise InputError(f"{place(warnings[0], source)}: {warnings[0].message}")
    return bytes(pdf)


def place(problem: typst.TypstError | typst.TypstWarning, source: str) -> str:
    """Where Typst shows what is wrong, file:line:column; else the source."""
    shown = re.search("┌─ (.*)", problem.diagnostic)
    return shown[1] if shown else source
