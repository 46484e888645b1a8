"""The stage that trains the GPT, in two processes on this machine."""

import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tests.conftest import Checkout, environment
from tests.scale.conftest import wait_for

STAGE = "stages.gpt.train_gpt"
CHECKPOINT = Path(".checkpoints", "train_gpt.safetensors")


@pytest.fixture
def two(small: Checkout) -> Checkout:
    """The small pipeline up to the training, which takes a while, in two processes."""
    for key, value in {"processes": 2, "steps": 100, "evaluate_every": 20}.items():
        small.set(f"train_gpt.{key}", value)
    small.make("stages.gpt.corpus", "stages.gpt.tokens")
    return small


def made(checkout: Checkout) -> bytes:
    """What the training has written, which is deleted."""
    path = checkout.path / "models" / "gpt.safetensors"
    data = path.read_bytes()
    path.unlink()
    return data


def kill_one(checkout: Checkout, rank: str) -> str:
    """Start the training, and kill one of its processes after a checkpoint; gives its output."""
    with subprocess.Popen(
        [sys.executable, "-m", STAGE],
        cwd=checkout.path,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as stage:
        wait_for((checkout.path / CHECKPOINT).exists, stage)
        (victim,) = (
            child
            for child in psutil.Process(stage.pid).children()
            if child.environ()["RANK"] == rank
        )
        victim.kill()
        said = stage.communicate()[0]
    assert stage.returncode == 1
    return said


@pytest.mark.pipeline
def test_killed_and_resumed(two: Checkout) -> None:
    said = kill_one(two, "1")
    assert f"{STAGE}: process 1 was ended by signal 9" in said
    assert "Traceback" not in said
    assert "resuming after step" in two.run("python", "-m", STAGE).stdout
    resumed = made(two)
    two.run("python", "-m", STAGE)
    assert made(two) == resumed
    assert not (two.path / CHECKPOINT).exists()


@pytest.mark.pipeline
@pytest.mark.long
def test_one_process_goes_on(two: Checkout) -> None:
    """It says that the result is then neither's; the number itself also decides the bytes."""
    kill_one(two, "0")
    two.set("train_gpt.processes", 1)
    said = two.run("python", "-m", STAGE).stdout
    assert "taken by 2 x 1 (processes x accumulate), the rest by 1 x 1" in said
    mixed = made(two)
    two.run("python", "-m", STAGE)
    assert made(two) != mixed


@pytest.mark.pipeline
def test_another_number_than_asked_for(two: Checkout) -> None:
    """Refused in one line, whichever process comes first (torchrun then has a lot to say)."""
    torchrun = ("python", "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=3")
    done = two.run(*torchrun, "-m", STAGE, check=False, OMP_NUM_THREADS="1")
    assert done.returncode != 0
    said = "params.yaml: train_gpt.processes = 2, but torchrun started 3: must be the same"
    assert done.stderr.count(said) == 1


@pytest.mark.parametrize(
    ("processes", "accumulate", "said"),
    [
        (3, 1, "train_gpt.processes = 3: must be a divisor of batch_size, 4\n"),
        (2, 4, "train_gpt.accumulate = 4: must be a divisor of batch_size / processes, 2\n"),
    ],
)
def test_shares_are_equal(small: Checkout, processes: int, accumulate: int, said: str) -> None:
    small.set("train_gpt.processes", processes)
    small.set("train_gpt.accumulate", accumulate)
    done = small.run("python", "-m", STAGE, check=False)
    assert done.returncode == 2
    assert done.stderr == f"params.yaml: {said}"
