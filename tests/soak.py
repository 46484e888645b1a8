"""Kill the pipeline at random moments, again and again: `make soak`, python -m tests.soak.

In a copy with small parameters. First an undisturbed run. Then, from nothing, `dvc repro` is
started, and its running stage, or DVC itself, or both are killed (SIGKILL) at a random moment, and
it is started again, until it gets through. After every kill each artifact that is there has the
bytes of the undisturbed run, and in the end all are there. Where DVC was killed while it wrote a
file of its own, it refuses that file; then README's cure is applied, and counted.
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
# what DVC says of a file that it refuses, and README's cure
REFUSED = {
    "'./dvc.lock' validation failed": ("git", "checkout", "dvc.lock"),
    "dvc.lock', YAML file": ("git", "checkout", "dvc.lock"),
    "Unable to read RWLock-file": ("rm", ".dvc/tmp/rwlock"),
}


def start_over(checkout: Checkout) -> None:
    """Forget all that was made."""
    for name in checkout.artifacts():
        (checkout.path / name).unlink()
    (checkout.path / "dvc.lock").unlink(missing_ok=True)
    for folder in (".dvc/cache", ".dvc/tmp", ".checkpoints"):
        shutil.rmtree(checkout.path / folder, ignore_errors=True)


def kill(process: subprocess.Popen[str], victim: str) -> bool:
    """Kill one of them, or both; whether there was anything to kill."""
    children = psutil.Process(process.pid).children(recursive=True)
    if victim != "dvc":
        for child in children:
            child.kill()
    if victim != "the stage":
        process.kill()
    return victim != "the stage" or bool(children)


def attempt(checkout: Checkout, targets: list[str], victim: str, delay: float) -> str:
    """Start `dvc repro` and strike after some seconds: "killed", "done", or what went wrong."""
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
            # an orphan keeps the pipe open: what it writes is waited for
            output, _ = process.communicate()
    if struck:
        return "killed"
    return "done" if process.returncode == 0 else output


def damaged(checkout: Checkout, whole: dict[str, bytes]) -> list[str]:
    """The artifacts that are there with other bytes than those of the undisturbed run."""
    return [name for name, data in checkout.artifacts().items() if whole.get(name) != data]


def soak(checkout: Checkout, targets: list[str], kills: int, longest: float, seed: int) -> Counter:
    """Kill that often. Raises AssertionError for anything but whole artifacts in the end."""
    start_over(checkout)  # what is in git goes, too
    checkout.repro(*targets)
    whole = checkout.artifacts()
    checkout.commit("Whole")
    start_over(checkout)
    chance, count, refused = random.Random(seed), Counter[str](), False
    while count["kills"] < kills:
        victim, delay = chance.choice(VICTIMS), chance.uniform(0.3, longest)
        outcome = attempt(checkout, targets, victim, delay)
        if cure := next((REFUSED[words] for words in REFUSED if words in outcome), None):
            count["cured by hand"] += 1
            assert not refused, outcome
            refused = True
            checkout.run(*cure)
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
