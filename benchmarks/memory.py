"""Peak memory of the stages through which a long text goes.

In a clone of this repository, with `params.yaml` except for fewer steps. Prints a table and
writes its section of docs/benchmarks.md. Linux. Some 20 minutes.
"""

import lab.core.numerics  # noqa: F401  # isort: skip

import ast
import math
import re
import subprocess
import sys
import sysconfig
import tempfile
import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import psutil

from benchmarks.document import machine, markdown, write_section
from benchmarks.pipeline import change
from lab.core.entry import run
from lab.example import plain_parser
from lookingglass.errors import InputError
from lookingglass.gpt.vocabulary import encoding

PACKAGES = ("numpy", "matplotlib", "pandas", "torch")  # whose docstrings make texts longer
LINES = re.compile(r"^\s*(>>>|\.\.\.|[-|+*=])", re.MULTILINE)  # of sessions, tables and lists
LEAST = 80  # characters of a paragraph; shorter ones are headings

# what the whole text goes through
STAGES = ("corpus", "tokens", "ngram", "train_gpt", "evaluate_gpt", "generate")

TEXT = """\
## Memory on long texts

Run on {machine}.

The most memory that a stage had at once, in MB, without what it had of files, which the system
drops when it needs the room. The other stages take a sentence each.

{table}

The texts are prose from the docstrings of Python's standard library, numpy, matplotlib, pandas and
torch: each distinct paragraph once, without sessions, tables and lists; all of it over and over for
100 MB. They have

{texts}

The model is that of `params.yaml`. Memory does not depend on the number of steps, so there are few:
{steps} of the training, with {evaluations} evaluations.
"""


@dataclass(frozen=True)
class Case:
    """A text and the parameters to run on it."""

    title: str
    size: int
    """Bytes of text."""
    changes: dict[str, str]
    """Keys of params.yaml and their values."""


STEPS, EVERY = 20, 10
SHORT = {
    "corpus.file": "text.txt",
    "train_gpt.steps": str(STEPS),
    "train_gpt.warmup": "5",
    "train_gpt.evaluate_every": str(EVERY),
}
CASES = (
    Case("5.3 MB, compact", 5_300_000, SHORT),
    Case("100 MB, compact", 100_000_000, SHORT),
    Case("1.1 MB, full", 1_100_000, SHORT | {"tokens.vocabulary": "full"}),
)


def peak(command: list[str], folder: Path) -> int:
    """Run a command in a folder; gives the most memory that it had at once, in bytes.

    Without files in memory, which the system drops when it needs the room.
    """
    most = 0
    with psutil.Popen(command, cwd=folder, stdout=sys.stderr) as process:
        while process.poll() is None:
            memory = process.memory_info()  # 0 once it has ended
            most = max(most, memory.rss - memory.shared)
            time.sleep(0.01)
    if process.returncode:
        raise InputError(f"{' '.join(command)}: exit {process.returncode}")
    return most


def docstrings(folder: Path) -> Iterator[str]:
    """Those of all modules in a folder, and of what they define."""
    for path in sorted(folder.rglob("*.py")):
        if {"site-packages", "dist-packages"} & set(path.relative_to(folder).parts):
            continue
        try:
            module = ast.parse(path.read_bytes())
        except (SyntaxError, ValueError):  # there to test parsers
            continue
        for node in ast.walk(module):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                yield ast.get_docstring(node) or ""


@cache
def prose() -> bytes:
    """Different paragraphs, from the same places in the same order."""
    paths = sysconfig.get_paths()
    folders = [Path(paths["stdlib"]), *(Path(paths["purelib"]) / name for name in PACKAGES)]
    found: dict[str, None] = {}  # in their order
    with warnings.catch_warnings(action="ignore"):  # of code that is only read
        for folder in folders:
            for text in docstrings(folder):
                for paragraph in text.split("\n\n"):
                    if len(paragraph) >= LEAST and not LINES.search(paragraph):
                        found[f"{paragraph}\n\n"] = None
    return "".join(found).encode()


def text_of(size: int) -> bytes:
    """So many bytes of prose, from the beginning again where there are not as many."""
    times = math.ceil(size / len(prose()))
    return (times * prose())[:size].decode(errors="ignore").encode()


def describe(case: Case, text: bytes, table: bytes) -> str:
    """How much there is in a text that memory might grow with."""
    ids = encoding(table).encode_ordinary(text.decode())
    grams = len(set(zip(*(ids[start:] for start in range(5)), strict=False)))
    return (
        f"- {case.title}: {len(text):,} bytes, {len(ids):,} tokens, {len(set(ids)):,} different "
        f"ones, {grams:,} different 5-grams"
    )


def main() -> None:
    """Measure, print, write."""
    plain_parser(__doc__).parse_args()
    columns, texts = [], []
    for case in CASES:
        with tempfile.TemporaryDirectory() as folder:
            clone = Path(folder) / "clone"
            subprocess.run(["git", "clone", "--quiet", ".", clone], check=True)
            text = text_of(case.size)
            (clone / "text.txt").write_bytes(text)
            for key, value in case.changes.items():
                change(clone, key, value)
            column = []
            for stage in STAGES:
                most = peak([sys.executable, "-m", f"stages.gpt.{stage}"], clone)
                column.append(f"{most / 1e6:,.0f}")
                print(f"{case.title}: {stage}: {column[-1]} MB", file=sys.stderr)
            columns.append(column)
            texts.append(describe(case, text, (clone / "data/gpt2.tiktoken").read_bytes()))

    rows = [[f"`{stage}`", *of_stage] for stage, *of_stage in zip(STAGES, *columns, strict=True)]
    section = TEXT.format(
        machine=machine(2),
        table=markdown(["", *(case.title for case in CASES)], rows),
        texts="\n".join(texts),
        steps=STEPS,
        evaluations=STEPS // EVERY,
    )
    print(f"\n{section}")
    write_section("memory", section)


if __name__ == "__main__":
    run(main)
