"""Compile the report (exercise 4.2.1) from the figures and the metrics."""

import typst

from lookingglass.artifacts import write_bytes
from lookingglass.errors import InputError
from stages.entry import run

SOURCE = "report/report.typ"
OUTPUT = "report/report.pdf"


def main() -> None:
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
