"""Compile the report (exercise 4.2.1) from the figures and the metrics."""

import math
import re
from pathlib import Path

import typst

from lookingglass.artifacts import read_metrics, write_bytes
from lookingglass.errors import InputError
from stages.entry import run

SOURCE = "report/report.typ"
OUTPUT = "report/report.pdf"


def check_metrics() -> None:
    """Typst would not name the file that a NaN is in."""
    source = Path(SOURCE).read_text(encoding="utf-8")
    for path in re.findall(r'metrics\("/([^"]+)"\)', source):
        for key, value in read_metrics(path).items():
            if isinstance(value, float) and not math.isfinite(value):
                raise InputError(f"{path}: {key} = {value}: must be a number")


def main() -> None:
    check_metrics()
    try:
        # no system fonts: the same page everywhere; no timestamp: the same bytes every day
        pdf, warnings = typst.compile_with_warnings(SOURCE, root=".", ignore_system_fonts=True)
    except typst.TypstError as error:
        raise InputError(f"{SOURCE}: {error.message}") from error
    if warnings:
        raise InputError(f"{SOURCE}: {warnings[0].message}")
    write_bytes(OUTPUT, pdf)
    print(f"-> {OUTPUT}")


if __name__ == "__main__":
    run(main)
