"""Kill the pipeline at random moments, again and again: `make soak`, python -m tests.soak.

It works in a copy with small parameters, and starts with an undisturbed run. Then it deletes
everything and starts `dvc repro`, kills the running stage, DVC itself or both (SIGKILL) at a random
moment, and starts it again, until it gets through. After every kill, each artifact that exists must
have the bytes of the undisturbed run; in the end all must exist. If DVC was killed while writing a
file of its own, it refuses that file: then the documented fix is applied, and counted.
"""

import argparse
import random
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

import psutil

from tests.conftest import ROOT, Checkout, copy_to, environment, shrink

VICTIMS = ("the stage", "dvc", "both")
# DVC's message about a file that it refuses, and the documented fix
REFUSED = {
    "'./dvc.lock' validation failed": ("git", "checkout", "dvc.lock"),
    "dvc.lock', YAML file": ("git", "checkout", "dvc.lock"),
    "Unable to read RWLock-file": ("rm", ".dvc/tmp/rwlock"),
}


def start_over(checkout: Checkout) -> None:
    """Delete everything that was made."""
    for name in checkout.artifacts():
        (checkout.path / name).unlink()
    (checkout.path / "dvc.lock").unlink(missing_ok=True)
    for folder in (".dvc/cache", ".dvc/tmp", ".checkpoints"):
        shutil.rmtree(checkout.path / folder, ignore_errors=True)


def kill(process: subprocess.Popen[str], victim: str) -> bool:
    """Kill the stage, DVC or both; gives whether there was anything to kill."""
    children = psutil.Process(process.pid).children(recursive=True)
    if victim != "dvc":
        for child in children:
            child.kill()
    if victim != "the stage":
        process.kill()
    return victim != "the stage" or bool(children)


def attempt(checkout: Checkout, targets: list[str], victim: str, delay: float) -> str:
    """Run `dvc repro`, kill it after `delay` seconds: gives "killed", "done" or its output."""
    with subprocess.Popen(
        ["dvc", "repro", *targets],
        cwd=checkout.path,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        struck = False
        try:
            output, _ = process.communicate(timeout=delay)
        except subprocess.TimeoutExpired:
            struck = kill(process, victim)
            # an orphan keeps the pipe open, so this waits until it has finished, too
            output, _ = process.communicate()
    if struck:
        return "killed"
    return "done" if process.returncode == 0 else output


def damaged(checkout: Checkout, whole: dict[str, bytes]) -> list[str]:
    """The existing artifacts whose bytes differ from those of the undisturbed run."""
    return [name for name, data in checkout.artifacts().items() if whole.get(name) != data]


def cured(checkout: Checkout, output: str) -> bool:
    """Apply README's fix if DVC refuses a file of its own; whether it did."""
    command = next((REFUSED[words] for words in REFUSED if words in output), None)
    if command:
        checkout.run(*command)
    return command is not None


def soak(checkout: Checkout, targets: list[str], kills: int, longest: float, seed: int) -> Counter:
    """Kill that often. Raises AssertionError unless every artifact stays intact."""
    start_over(checkout)  # deletes what git has, too
    checkout.repro(*targets)
    whole = checkout.artifacts()
    checkout.commit("Whole")
    start_over(checkout)
    chance, count, refused = random.Random(seed), Counter[str](), False
    while count["kills"] < kills:
        victim, delay = chance.choice(VICTIMS), chance.uniform(0.3, longest)
        outcome = attempt(checkout, targets, victim, delay)
        if cured(checkout, outcome):
            count["cured by hand"] += 1
            assert not refused, outcome
            refused = True
            continue
        refused = False
        assert outcome in ("killed", "done"), f"after {dict(count)}:\n{outcome}"
        assert not damaged(checkout, whole), damaged(checkout, whole)
        if outcome == "killed":
            count.update(["kills", victim])
            print(f"{count['kills']:3}  {victim} after {delay:.1f} s", flush=True)
        elif count["kills"] < kills:
            count["runs that got through"] += 1
            start_over(checkout)
    last = checkout.run(
        "dvc", "repro", *targets, check=False
    )  # the last kill may have hit DVC, too
    if cured(checkout, last.stdout + last.stderr):
        count["cured by hand"] += 1
    checkout.repro(*targets)
    assert checkout.artifacts() == whole
    assert checkout.repro(*targets) == []
    return count


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--kills", type=int, default=50, help="how often (50)")
    parser.add_argument("--longest", type=float, default=20.0, help="seconds before a kill (20)")
    parser.add_argument("--seed", type=int, default=0, help="of moments and victims (0)")
    parser.add_argument("targets", nargs="*", help="stages to remake; without any, all")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        checkout = shrink(copy_to(Path(folder) / "copy", ROOT / ".downloads"))
        count = soak(
            checkout, arguments.targets, arguments.kills, arguments.longest, arguments.seed
        )
    print(f"all whole after {dict(count)}")


if __name__ == "__main__":
    sys.exit(main())
