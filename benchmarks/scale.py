"""What it costs, and gains, to go beyond one machine, or one process.

The time of a training step of the GPT in one process and in two; the time of push to a store and of
pull from it, a folder and, for S3, SeaweedFS. Needs what `make` made, and the extra `test`. Prints
tables and writes its section of docs/benchmarks.md. Some three minutes.
"""

import lab.core.numerics  # noqa: F401  # isort: skip

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from statistics import median

from benchmarks.document import machine, markdown, write_section
from benchmarks.pipeline import seconds
from lab.core.entry import run
from lab.core.params import read
from lab.example import plain_parser, whole_number
from lookingglass.errors import InputError
from tests.servers import BUCKET, s3_server
from tools.pipeline import behind

CACHE = Path(".dvc/cache")

TEXT = """\
## Beyond one machine

Run on {machine}.

{parts}
"""

STORE = """\
A shared store, both on this machine's disk: {files} files, {megabytes:.0f} MB, {runs} of them
remembered runs of stages. Wall-clock seconds, medians of {rounds} rounds, in which the two took
turns.

{table}
"""

TRAINING = """\
A step of `train_gpt` as it is in `params.yaml`, {batch} windows, on the same {cores} cores. Medians
of {rounds} rounds of {steps} steps, in which all took turns; how many times as fast as one process
with one thread, in the same round, with the least and the most.

{table}
"""
LAYOUTS = {  # processes, and threads of each
    "one process, one thread": (1, 1),
    "one process, two threads": (1, 2),
    "two processes, one thread each": (2, 1),
}

Settings = tuple[str, ...]
"""The options of `dvc remote modify`: a name and its value."""


def call(folder: Path, variables: dict[str, str], *command: str) -> None:
    """Run a command in a folder, with this environment's programs."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    own = os.environ | variables | {"PATH": path}
    subprocess.run(command, cwd=folder, env=own, check=True, stdout=sys.stderr)


def clone(target: Path, url: str, settings: Settings) -> Path:
    """A clone of what is committed here, without artifacts, connected to a store."""
    call(Path(), {}, "git", "clone", "--quiet", ".", str(target))
    shutil.rmtree(target / CACHE, ignore_errors=True)  # the shipped weights
    call(target, {}, "dvc", "remote", "add", "--quiet", "--local", "--default", "store", url)
    if settings:
        call(target, {}, "dvc", "remote", "modify", "--local", "store", *settings)
    return target


@contextmanager
def stores(place: Path) -> Iterator[dict[str, tuple[str, Settings, dict[str, str]]]]:
    """Where a folder and an S3 server are: the address, settings, environment variables."""
    (place / "s3").mkdir()
    with s3_server(place / "s3") as server:
        yield {
            "folder": (str(place / "folder"), (), {}),
            "S3": (f"s3://{BUCKET}/store", ("endpointurl", server.endpoint), server.variables),
        }


def round_trip(
    place: Path, url: str, settings: Settings, variables: dict[str, str]
) -> dict[str, float]:
    """Push everything to an empty store, push again, pull into an empty clone, and remake there."""
    ours = clone(place / "ours", url, settings)
    shutil.copytree(CACHE, ours / CACHE)
    theirs = clone(place / "theirs", url, settings)
    steps = {
        "push everything": (ours, "dvc push --run-cache"),
        "push, nothing new": (ours, "dvc push --run-cache"),
        "pull everything": (theirs, "dvc pull --run-cache dvc.yaml"),
        "`dvc repro` then, which runs nothing": (theirs, "dvc repro"),
    }
    took = {}
    for name, (folder, command) in steps.items():
        took[name] = seconds(partial(call, folder, variables, *command.split()))
    return took


def shared_store(rounds: int) -> str:
    """The text on push and pull."""
    files = [file for file in CACHE.rglob("*") if file.is_file()]
    took: dict[str, list[dict[str, float]]] = {"folder": [], "S3": []}
    with tempfile.TemporaryDirectory() as folder, stores(Path(folder)) as found:
        for i in range(rounds):
            for name, (url, settings, variables) in found.items():
                place = Path(folder) / f"{name}-{i}"
                took[name].append(round_trip(place, f"{url}-{i}", settings, variables))
                shutil.rmtree(place)
    rows = [
        [step, *(f"{median(trip[step] for trip in trips):.1f}" for trips in took.values())]
        for step in took["folder"][0]
    ]
    return STORE.format(
        rounds=rounds,
        files=len(files),
        megabytes=sum(file.stat().st_size for file in files) / 1e6,
        runs=sum(file.is_relative_to(CACHE / "runs") for file in files),
        table=markdown(["seconds", *took], rows),
    )


def step_seconds(processes: int, threads: int, steps: int) -> float:
    """How long a step takes."""
    torchrun = (sys.executable, "-m", "torch.distributed.run", "--standalone")
    command = [*torchrun, f"--nproc-per-node={processes}", "--module", "benchmarks.parallel"]
    done = subprocess.run(
        [*command, str(threads), str(steps)],
        env=os.environ | {"OMP_NUM_THREADS": str(threads)},
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return float(done.stdout)


def training(rounds: int, steps: int) -> str:
    """The text on one training in several processes."""
    took: dict[str, list[float]] = {name: [] for name in LAYOUTS}
    for _ in range(rounds):
        for name, (processes, threads) in LAYOUTS.items():
            took[name].append(step_seconds(processes, threads, steps))
    baseline = next(iter(took.values()))
    rows = []
    for name, seconds_per_step in took.items():
        gain = sorted(a / b for a, b in zip(baseline, seconds_per_step, strict=True))
        spread = f"{median(gain):.2f} ({gain[0]:.2f} to {gain[-1]:.2f})"
        rows.append([name, f"{1000 * median(seconds_per_step):.0f}", spread])
    return TRAINING.format(
        batch=read()["train_gpt"]["batch_size"],
        cores=os.cpu_count(),
        rounds=rounds,
        steps=steps,
        table=markdown(["", "ms a step", "times as fast"], rows),
    )


def main() -> None:
    """Measure, print, write."""
    parser = plain_parser(__doc__)
    add = parser.add_argument
    add("--rounds", type=whole_number(1, 100), default=3, help="of each measurement (3)")
    add("--steps", type=whole_number(1, 1000), default=20, help="of each training (20)")
    options = parser.parse_args()
    if stale := ", ".join(behind()):
        raise InputError(f"not made, or no longer up to date: {stale}; run 'dvc repro' first")
    parts = [training(options.rounds, options.steps), shared_store(options.rounds)]
    text = TEXT.format(machine=machine(os.cpu_count() or 1), parts="\n".join(parts))
    print(f"\n{text}")
    write_section("scale", text)


if __name__ == "__main__":
    run(main)
