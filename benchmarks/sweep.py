"""What a second job gives a sweep on this machine.

Each run is in a clone of its own of what is committed here, so that nothing comes from the cache.
Prints a table and writes its section of docs/benchmarks.md. Ten minutes.
"""

import lab.core.numerics  # noqa: F401  # isort: skip

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from benchmarks.document import machine, markdown, write_section
from lab.core.entry import run
from lab.example import plain_parser, whole_number

SEEDS = 4
AXIS, TARGET = f"train_diffusion.seed=1..{SEEDS}", "evaluate_diffusion"
TEXT = """\
## Sweeps

Run on {machine}.

`python -m tools.sweep {axis} --target {target}`:
{seeds} points, each a training of the diffusion model and its evaluation in a clone of its own.
Wall-clock seconds, medians of {rounds} rounds, in which both took turns; the ratio is taken within
each round.

{table}

Of the {one:.0f} s for a point with one job, {alone:.0f} s are the two stages, run without DVC.
"""


def seconds(folder: Path, *command: str) -> float:
    """What a command of this Python takes in a folder."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    begin = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", *command],
        cwd=folder,
        env=os.environ | {"PATH": path},
        check=True,
        stdout=sys.stderr,
    )
    return time.perf_counter() - begin


def fresh(folder: Path) -> Path:
    """A clone, with the data that all points share."""
    clone = Path(tempfile.mkdtemp(dir=folder))
    subprocess.run(["git", "clone", "--quiet", ".", clone], check=True)
    seconds(clone, "dvc", "repro", "points")
    return clone


def main() -> None:
    """Measure, print, write."""
    parser = plain_parser(__doc__)
    parser.add_argument("--rounds", type=whole_number(1, 100), default=3, help="(3)")
    rounds = parser.parse_args().rounds
    took: dict[int, list[float]] = {1: [], 2: []}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(rounds):
            for jobs, own in took.items():
                command = ("tools.sweep", AXIS, "--target", TARGET, "--jobs", str(jobs))
                own.append(seconds(fresh(Path(folder)), *command))
        clone = fresh(Path(folder))
        alone = sum(
            seconds(clone, f"stages.diffusion.{stage}") for stage in ("train_diffusion", TARGET)
        )
    ratios = [one / two for one, two in zip(took[1], took[2], strict=True)]
    table = markdown(
        ["", "seconds", "seconds per point", "times as fast"],
        [
            ["one job", f"{median(took[1]):.0f}", f"{median(took[1]) / SEEDS:.1f}", "1.0"],
            [
                "two jobs",
                f"{median(took[2]):.0f}",
                f"{median(took[2]) / SEEDS:.1f}",
                f"{median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})",
            ],
        ],
    )
    text = TEXT.format(
        machine=machine(),
        axis=AXIS,
        target=TARGET,
        seeds=SEEDS,
        rounds=rounds,
        table=table,
        one=median(took[1]) / SEEDS,
        alone=alone,
    )
    print(f"\n{text}")
    write_section("sweep", text)


if __name__ == "__main__":
    run(main)
