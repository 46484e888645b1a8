"""A small pipeline whose training is long enough to be killed, and its undisturbed sweep."""

import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Checkout, copy_to, environment, shrink

SWEEP = ("python", "-m", "tools.sweep", "train_gpt.seed=0..3", "--target", "evaluate_gpt")
FOLDER = Path(".dvc", "tmp", "sweep")  # where workers have their clones and logs


@pytest.fixture(scope="session")
def baseline(tmp_path_factory: pytest.TempPathFactory, downloads: Path) -> Path:
    """The small pipeline, committed, with the text that the training needs."""
    checkout = shrink(copy_to(tmp_path_factory.mktemp("baseline") / "made", downloads))
    checkout.set("train_gpt.steps", 500)
    checkout.set("train_gpt.evaluate_every", 20)
    checkout.repro("tokens", "ngram")
    checkout.commit("Baseline")
    return checkout.path


@pytest.fixture
def checkout(tmp_path: Path, baseline: Path) -> Checkout:
    """A copy of it."""
    return Checkout(Path(shutil.copytree(baseline, tmp_path / "checkout")))


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory: pytest.TempPathFactory, baseline: Path) -> dict[str, str]:
    """What the experiments of a local sweep hold, by name."""
    path = tmp_path_factory.mktemp("undisturbed") / "checkout"
    checkout = Checkout(Path(shutil.copytree(baseline, path)))
    checkout.run(*SWEEP, "--jobs", "2")
    return results(checkout)


def results(checkout: Checkout) -> dict[str, str]:
    """The metrics of the experiments, and the hashes of all that their stages wrote, by name."""
    listed = checkout.run("git", "for-each-ref", "--format=%(refname)", "refs/exps").stdout.split()
    files = ("dvc.lock", "metrics/evaluate_gpt.json")
    return {
        ref.rpartition("/")[2]: "".join(
            checkout.run("git", "show", f"{ref}:{file}").stdout for file in files
        )
        for ref in listed
    }


def start(checkout: Checkout, *options: str, **variables: str) -> subprocess.Popen[str]:
    """Start the sweep."""
    return subprocess.Popen(
        [*SWEEP, *options],
        cwd=checkout.path,
        env=environment() | variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def wait_for(what: Callable[[], bool], running: subprocess.Popen[str] | None = None) -> None:
    """Wait until it holds; fails if `running` has ended before."""
    while not what():
        if running is not None and running.poll() is not None:
            assert what(), running.communicate()[0]
            return
        time.sleep(0.05)


def training(folder: Path) -> list[str]:
    """The points in a folder whose training has a checkpoint."""
    return [path.parents[1].name for path in folder.glob("*/.checkpoints/train_gpt.safetensors")]


def resumed(folder: Path, name: str) -> bool:
    """Whether the training of a point said that it resumes."""
    try:
        return "resuming after step" in (folder / f"{name}.log").read_text(encoding="utf-8")
    except FileNotFoundError:  # deleted on success
        return False
