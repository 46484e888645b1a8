"""Killed at any moment, the pipeline recovers by itself; tests/soak.py tries many times."""

import subprocess
import time

import psutil
import pytest

from tests.conftest import Checkout, environment
from tests.soak import damaged, soak


@pytest.mark.long
@pytest.mark.pipeline
def test_three_kills(small: Checkout) -> None:
    assert soak(small, ["fig_seeds"], kills=3, longest=8, seed=1)["kills"] == 3


@pytest.mark.long
@pytest.mark.pipeline
def test_two_at_once(small: Checkout) -> None:
    """The second says that another one is running; neither leaves any damage."""
    command = ["dvc", "repro", "sample"]
    with subprocess.Popen(
        command, cwd=small.path, env=environment(), stdout=subprocess.PIPE, text=True
    ) as first:
        assert first.stdout
        for line in first.stdout:
            if line.startswith("Running stage"):
                break
        second = small.run(*command, check=False)
        first.communicate()
    assert first.returncode == 0
    if second.returncode:
        assert "lock" in second.stderr
        assert "Traceback" not in second.stderr
    assert small.repro("sample") == []


@pytest.mark.long
@pytest.mark.pipeline
def test_an_orphan_does_not_spoil_what_comes_after(small: Checkout) -> None:
    """DVC is killed while its training runs on; the next one waits, and has the last word."""
    small.repro("tokens")
    small.set("train_gpt.steps", 1500)
    small.set("train_gpt.evaluate_every", 500)
    command = ["dvc", "repro", "train_gpt"]
    lock = small.path / ".checkpoints" / "train_gpt.lock"
    with subprocess.Popen(
        command, cwd=small.path, env=environment(), stdout=subprocess.DEVNULL
    ) as first:
        while not lock.exists() and first.poll() is None:
            time.sleep(0.01)
        (orphan,) = (
            process
            for process in psutil.process_iter(["cmdline", "cwd"])
            if process.info["cwd"] == str(small.path)
            and "stages.gpt.train_gpt" in process.info["cmdline"]
        )
        first.kill()
    small.set("train_gpt.steps", 20)
    second = small.run(*command)
    assert "another train_gpt is running; waiting" in second.stdout
    assert not orphan.is_running() or orphan.status() == psutil.STATUS_ZOMBIE
    assert (small.path / "plots" / "train_gpt.csv").read_text().splitlines()[-1].startswith("20,")
    assert small.repro("train_gpt") == []


def test_half_an_artifact_is_seen(copy: Checkout) -> None:
    """The soak test would notice: this checks its own check."""
    picture = copy.path / "plots" / "seeds.png"
    whole = copy.artifacts()
    assert not damaged(copy, whole)
    picture.write_bytes(picture.read_bytes()[:100])
    assert damaged(copy, whole) == ["plots/seeds.png"]


def test_interrupted_is_one_line(copy: Checkout) -> None:
    """Ctrl-C ends a stage with one line, not a traceback."""
    code = (
        "import os, signal; from lab.core.entry import run; "
        "run(lambda: os.kill(os.getpid(), signal.SIGINT))"
    )
    done = copy.run("python", "-c", code, check=False)
    assert (done.returncode, done.stderr) == (130, "interrupted\n")
