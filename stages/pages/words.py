"""What the pages of the models share: how numbers, tables and the weights' file are put."""

import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ConfigDict

from lab.core.artifacts import read_bytes
from lab.core.params import Section
from lookingglass.errors import InputError

BEGINNING = (
    "<!-- written by the stage model_pages from the metrics, params.yaml and the weights -->"
)


class Recipe(Section):
    """A section as it stands: the stage that it belongs to has checked it."""

    model_config = ConfigDict(extra="allow")

    @property
    def values(self) -> dict[str, Any]:
        """Its keys and what they are set to."""
        return self.model_extra or {}


@dataclass(frozen=True)
class Weights:
    """What a .safetensors file says of itself, read without torch."""

    path: str
    size: int
    shapes: dict[str, list[int]]

    @property
    def line(self) -> str:
        """The path, the number of weights (GPT-2's table is none) and the size."""
        numbers = [math.prod(shape) for name, shape in self.shapes.items() if "vocab" not in name]
        size = f"{self.size / 1e6:.1f} MB" if self.size >= 1e6 else f"{self.size / 1e3:.0f} kB"
        return f"`{self.path}`: {sum(numbers):,} weights, {size}."


def read_weights(path: str) -> Weights:
    """Raises InputError if the file is missing or damaged."""
    data = read_bytes(path)
    try:
        header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
        tensors = {name: of for name, of in header.items() if name != "__metadata__"}
        shapes = {name: of["shape"] for name, of in tensors.items()}
        end = max(of["data_offsets"][1] for of in tensors.values())
        if len(data) != 8 + int.from_bytes(data[:8], "little") + end:
            raise ValueError("cut off")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(f"{path}: damaged; delete it, then 'dvc repro' makes it again") from error
    return Weights(path, len(data), shapes)


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table, its numbers aligned for those who read it as text."""
    cells = [header, ["---", *("---:" for _ in header[1:])], *rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return "\n".join(
        "| "
        + " | ".join(
            f"{cell:{'>' if i else '<'}{width}}"
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        + " |"
        for row in cells
    )


def code(text: str) -> str:
    """A code span of any text, whatever signs and backticks are in it (CommonMark 6.1)."""
    text = " ".join(text.split())
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * (longest + 1)
    blank = " " if longest else ""  # or a backtick at an end would be taken for the fence's
    return f"{fence}{blank}{text}{blank}{fence}"


def page(title: str, *parts: str) -> str:
    """The parts, a paragraph or a heading each; what is empty is left out."""
    return "\n\n".join(filter(None, (BEGINNING, f"# {title}", *parts))) + "\n"


def fold(count: float) -> str:
    """How many times, in words for people."""
    return f"{count:.1f}" if count < 10 else f"{count:,.0f}"
