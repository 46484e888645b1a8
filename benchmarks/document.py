"""`docs/benchmarks.md`: each benchmark writes its own section, between two marker comments."""

import os
import platform
import re
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path

import torch

from lab.core.artifacts import write_bytes

Row = tuple[str, float, float]
"""What was measured: its name, ours, theirs."""

PATH = Path("docs/benchmarks.md")


def write_section(name: str, body: str) -> None:
    """Put a benchmark's section into the document, in place of the one that it wrote before."""
    text = PATH.read_text(encoding="utf-8") if PATH.is_file() else "# Benchmarks\n"
    write_bytes(PATH, replace_section(text, name, body).encode())


def replace_section(text: str, name: str, body: str) -> str:
    """The text with the section `name` holding `body`; a new section comes last."""
    begin = f"<!-- begin {name}: written by python -m benchmarks.{name} -->"
    end = f"<!-- end {name} -->"
    section = f"{begin}\n\n{body.strip()}\n\n{end}"
    before, found, rest = text.partition(begin)
    _, closed, after = rest.partition(end)
    if found and not closed:
        raise ValueError(f"{PATH}: {begin!r} without {end!r}")
    return before + section + after if found else f"{text.rstrip()}\n\n{section}\n"


def table(rows: Iterable[Row], theirs: str) -> str:
    """A Markdown table with the ratio of theirs to ours, aligned for the terminal."""
    cells = [[name, f"{a:.3g}", f"{b:.3g}", f"{b / a:.2g}"] for name, a, b in rows]
    return markdown(["", "ours", theirs, "ratio"], cells)


def markdown(header: list[str], rows: Iterable[list[str]]) -> str:
    """A Markdown table of cells, aligned for the terminal: the first column left, others right."""
    cells = [header, ["---", *("---:" for _ in header[1:])], *rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return "\n".join(
        f"| {name:{widths[0]}} | "
        + " | ".join(f"{cell:>{width}}" for cell, width in zip(rest, widths[1:], strict=True))
        + " |"
        for name, *rest in cells
    )


def cpu_information() -> str:
    """What Linux says about the processor; elsewhere nothing."""
    information = Path("/proc/cpuinfo")
    return information.read_text(encoding="utf-8") if information.is_file() else ""


def knows_bfloat16() -> bool:
    """Whether the processor has instructions for products in bfloat16, as far as one can tell."""
    return re.search(r"\b(avx512_bf16|amx_bf16|bf16)\b", cpu_information()) is not None


def machine(threads: int = 1) -> str:
    """The processor, the system and the versions, without anything that names the machine."""
    model = re.search(r"^model name\s*:\s*(.+)$", cpu_information(), re.MULTILINE)
    processor = model[1].strip() if model else platform.machine()
    instructions = torch.backends.cpu.get_cpu_capability() + ", bfloat16" * knows_bfloat16()
    used = "one thread" if threads == 1 else f"{threads} threads"
    return (
        f"{processor} ({instructions}), {os.cpu_count()} cores, {used}; "
        f"{platform.system()}, Python {platform.python_version()}, "
        f"torch {version('torch').partition('+')[0]}"
    )
