"""What DVC's bookkeeping costs: the pipeline with nothing to do, with little, and with everything.

In a clone of this repository, from an empty environment, with whatever is in pip's cache. Prints a
table and writes its section of docs/benchmarks.md. About 25 minutes.
"""

import lab.core.numerics  # noqa: F401  # isort: skip

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from benchmarks.document import machine, markdown, write_section
from lab.core.entry import run
from lab.example import plain_parser, whole_number

TEXT = """\
## The pipeline

Run on {machine}.

{stages} stages. Wall-clock seconds, and their ratio to `dvc version`, the time that any DVC command
takes before it does anything. Short ones are medians of {rounds} runs.

{table}

A fresh clone trains nothing: the weights come with it. {bytes}
"""

SAME = "Everything that was remade had the same bytes as before."
OTHER = "Some of what was remade had different bytes: it came from another kind of machine."


def seconds(work: Callable[[], object]) -> float:
    """What some work takes."""
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def change(clone: Path, key: str, value: str) -> None:
    """Set a key of params.yaml, given as `section.key`."""
    section, name = key.split(".")
    path = clone / "params.yaml"
    pattern = rf"(^{section}:.*?^  {name}: )\S+"
    text, count = re.subn(pattern, rf"\g<1>{value}", path.read_text(), flags=re.M | re.S, count=1)
    if count != 1:
        raise ValueError(f"{key}: not in {path}")
    path.write_text(text)


def main() -> None:
    """Measure, print, write."""
    parser = plain_parser(__doc__)
    add = parser.add_argument
    add("--rounds", type=whole_number(1, 100), default=5, help="of what takes seconds (5)")
    rounds = parser.parse_args().rounds

    with tempfile.TemporaryDirectory() as folder:
        clone = Path(folder) / "clone"
        subprocess.run(["git", "clone", "--quiet", ".", clone], check=True)
        path = f"{clone / '.venv' / 'bin'}{os.pathsep}{os.environ['PATH']}"

        def call(command: str) -> Callable[[], object]:
            def work() -> None:
                own = os.environ | {"PATH": path}
                subprocess.run(
                    command, shell=True, cwd=clone, env=own, check=True, stdout=sys.stderr
                )

            return work

        def typical(work: Callable[[], object]) -> float:
            return median([seconds(work) for _ in range(rounds)])

        def after(key: str, value: str) -> float:
            change(clone, key, value)
            return seconds(call("dvc repro"))

        fresh = seconds(call("make"))
        nothing = typical(call("make"))
        version, repro = typical(call("dvc version")), typical(call("dvc repro"))
        style, sampling = after("style.font_size", "7.5"), after("sample.steps", "20")
        change(clone, "style.font_size", "8.0")
        back = after("sample.steps", "1000")
        before = (clone / "dvc.lock").read_text()
        everything = seconds(call("dvc repro --force"))
        after_all = (clone / "dvc.lock").read_text()
        stages = after_all.count("    cmd: ")

    rows = {
        "`dvc version`": version,
        "`dvc repro`, nothing to do": repro,
        "`make`, nothing to do": nothing,
        "`sample.steps` changed": sampling,
        "`style.font_size` changed": style,
        "both set back": back,
        "`make` on a fresh clone, environment included": fresh,
        "`dvc repro --force`: everything, trainings included": everything,
    }
    cells = [[name, f"{took:.1f}", f"{took / version:.1f}"] for name, took in rows.items()]
    table = markdown(["", "seconds", "times `dvc version`"], cells)
    text = TEXT.format(
        machine=machine(2),
        stages=stages,
        rounds=rounds,
        table=table,
        bytes=SAME if before == after_all else OTHER,
    )
    print(f"\n{text}")
    write_section("pipeline", text)


if __name__ == "__main__":
    run(main)
