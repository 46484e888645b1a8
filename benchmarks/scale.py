"""What it costs to go beyond one machine: the time of push to a store and of pull from it.

The stores are a folder, and SeaweedFS on this machine, for S3. Needs what `make` made, and the
extra `test`. Prints tables and writes its section of docs/benchmarks.md. A minute or two.
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


def main() -> None:
    """Measure, print, write."""
    parser = plain_parser(__doc__)
    add = parser.add_argument
    add("--rounds", type=whole_number(1, 100), default=3, help="of pushing and pulling (3)")
    rounds = parser.parse_args().rounds
    if stale := ", ".join(behind()):
        raise InputError(f"not made, or no longer up to date: {stale}; run 'dvc repro' first")
    text = TEXT.format(machine=machine(os.cpu_count() or 1), parts=shared_store(rounds))
    print(f"\n{text}")
    write_section("scale", text)


if __name__ == "__main__":
    run(main)
