"""A page for each model (exercise 4.2.2): what it learned from, how good it is, its limits.

The words are in report/pages; the numbers come from the metrics, the parameters and the weights.
"""

import math
import re
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from pydantic import ConfigDict
from safetensors import SafetensorError, safe_open

from lab.core.artifacts import read_bytes, read_metrics, write_bytes
from lab.core.entry import run
from lab.core.params import Section, load
from lab.data.origin import of_square
from lab.data.tokens import read_tokens
from lab.headlines import diffusion, gpt
from lab.headlines.quantity import over_seeds, what_the_intervals_are
from lookingglass.errors import InputError

BASE = "report/pages/denoiser.md.j2"  # the templates of the three denoisers extend it
TEMPLATES = {
    "models/diffusion.safetensors": "report/pages/diffusion.md.j2",
    "models/plain.safetensors": "report/pages/plain.md.j2",
    "models/conditional.safetensors": "report/pages/conditional.md.j2",
    "models/gpt.safetensors": "report/pages/gpt.md.j2",
}
METRICS = (
    "metrics/details/evaluate_conditional.json",
    "metrics/details/evaluate_diffusion.json",
    "metrics/details/evaluate_gpt.json",
    "metrics/details/evaluate_plain.json",
    "metrics/details/invert.json",
    "metrics/details/ngram.json",
    "metrics/details/samplers.json",
    "metrics/details/steps.json",
)


class AsItIs(Section):
    """A section that belongs to another stage, which checks it."""

    model_config = ConfigDict(extra="allow")


def weights(path: str) -> str:
    """The number of weights and the size of the file, read without torch."""
    size = len(read_bytes(path))
    try:
        with safe_open(path, framework="np") as file:
            # the GPT's vocabulary is in its file as tensors, too, but it is not learned
            names = [name for name in file.keys() if "vocabulary" not in name]  # noqa: SIM118
            count = sum(math.prod(file.get_slice(name).get_shape()) for name in names)
    except SafetensorError as error:
        raise InputError(f"{path}: damaged; delete it, then 'dvc repro' makes it again") from error
    return f"{count:,} weights, {size / 1e3:,.0f} kB"


def number(value: float | None, spec: str) -> str:
    """A number in Python's format; a dash for one that was not measured."""
    return "–" if value is None else format(value, spec)


def file_name(path: str) -> str:
    """The name of the user's file as a code span, whatever characters it has (CommonMark 6.1)."""
    name = " ".join(Path(path).name.split())
    fence = "`" * (1 + max(map(len, re.findall("`+", name)), default=0))
    return f"{fence} {name} {fence}" if "`" in name else f"`{name}`"


def facts() -> dict[str, Any]:
    """All that the templates show: metrics by file, parameters by section, sizes of the data."""
    tokens = read_tokens("data/tokens.npz")
    headlines = over_seeds(diffusion.HEADLINES, gpt.HEADLINES)
    return {
        **{Path(path).stem: read_metrics(path) for path in METRICS},
        "classes": load("classes", AsItIs),
        "corpus": load("corpus", AsItIs),
        "points": load("points", AsItIs),
        "schedule": load("schedule", AsItIs),
        "train_conditional": load("train_conditional", AsItIs),
        "train_diffusion": load("train_diffusion", AsItIs),
        "train_gpt": load("train_gpt", AsItIs),
        "train_plain": load("train_plain", AsItIs),
        "over_seeds": headlines,
        "seeds_said": what_the_intervals_are(headlines),
        "square": of_square(),
        "bytes": Path("data/alice.txt").stat().st_size,
        **{name: len(tokens[name]) for name in ("train", "validation", "test", "rows")},
    }


def main() -> None:
    environment = Environment(
        loader=FileSystemLoader("."),
        undefined=StrictUndefined,
        trim_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"number": number, "file_name": file_name}
    known = facts()
    for path, template in TEMPLATES.items():
        page = environment.get_template(template).render(known, path=path, weights=weights(path))
        write_bytes(f"models/pages/{Path(path).stem}.md", page.encode())
    print(f"{len(TEMPLATES)} pages -> models/pages")


if __name__ == "__main__":
    run(main)
