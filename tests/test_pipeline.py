"""The pipeline for real: small, in a copy; and as shipped, in a clone."""

import subprocess
import sys

import pytest
from filelock import FileLock

from stages.blast_radius import radius
from stages.pipeline import declared
from stages.ship import machine
from tests.conftest import ROOT, Checkout
from tests.test_dependencies import outputs, stages

pytestmark = pytest.mark.pipeline


def test_the_small_pipeline(small: Checkout) -> None:
    """Made once; again, nothing; anew, the same bytes; after a change, what it touches.

    What that is, docs/blast-radius.md says of the pipeline as shipped.
    """
    assert set(small.repro()) == set(stages())
    made = small.artifacts()
    assert all(made.values())
    assert small.repro() == []

    # every stage anew, each with nothing but what it declares: the bytes are those of dvc.lock
    assert "all good" in small.run("python", "-m", "stages.audit").stdout
    assert small.artifacts() == made, "the audit made something here"
    assert small.repro() == []

    pipeline = declared(ROOT)
    small.set("style.dpi", 50)
    assert set(small.repro()) == radius("style.dpi", pipeline)
    changed = {name for name, data in small.artifacts().items() if data != made[name]}
    assert changed >= {name for name in made if name.endswith(".png")}
    small.set("style.dpi", 60)
    assert small.repro() == []
    assert small.artifacts() == made
    assert not any(name.startswith(("data", "models", "metrics")) for name in changed)

    small.set("sample.steps", 5)
    assert set(small.repro()) == radius("sample.steps", pipeline)
    changed = {name for name, data in small.artifacts().items() if data != made[name]}
    assert changed == {
        "data/sample.npz", "metrics/sample.json", "metrics/details/sample.json", "plots/seeds.png",
        "plots/seeds.svg", "report/report.pdf",
    }  # fmt: skip

    small.set("sample.steps", 10)
    assert small.repro() == [], "what was made before comes back from DVC's run-cache"
    assert small.artifacts() == made

    small.set("likelihood.draws", 128)
    small.set("attention.word", 10)
    both = radius("likelihood.draws", pipeline) | radius("attention.word", pipeline)
    assert set(small.repro()) == both
    small.set("train_gpt.steps", 4)
    assert set(small.repro()) == radius("train_gpt.steps", pipeline)

    small.set("likelihood.draws", 64)
    small.set("attention.word", 11)
    small.set("train_gpt.steps", 10)
    assert small.repro() == []
    assert small.artifacts() == made


def test_a_killed_training_goes_on(small: Checkout) -> None:
    """Killed for real, when its checkpoint is there; the result is that of an undisturbed one."""
    small.set("train_gpt.steps", 200)
    small.repro("train_gpt")
    model = small.path / "models" / "gpt.safetensors"
    whole = model.read_bytes()
    checkpoint = small.path / ".checkpoints" / "train_gpt.safetensors"
    assert not checkpoint.exists()
    model.unlink()

    command = [sys.executable, "-m", "stages.gpt.train_gpt"]
    for _ in range(2):
        before = checkpoint.stat().st_mtime_ns if checkpoint.exists() else 0
        with subprocess.Popen(command, cwd=small.path, stdout=subprocess.DEVNULL) as training:
            while not checkpoint.exists() or checkpoint.stat().st_mtime_ns == before:
                assert training.poll() is None, "it ended before it could be killed"
            training.kill()
        assert not model.exists()
    done = small.run(*command)
    assert "going on after step" in done.stdout
    assert model.read_bytes() == whole


def test_two_trainings_wait_for_each_other(small: Checkout) -> None:
    small.repro("tokens")
    (small.path / ".checkpoints").mkdir()
    lock = FileLock(small.path / ".checkpoints" / "train_gpt.lock")
    command = [sys.executable, "-m", "stages.gpt.train_gpt"]
    with (
        lock,
        subprocess.Popen(command, cwd=small.path, stdout=subprocess.PIPE, text=True) as other,
    ):
        assert other.stdout
        assert other.stdout.readline().startswith("another train_gpt runs here; waiting")
        assert not (small.path / "models" / "gpt.safetensors").exists()
        lock.release()
        assert other.wait() == 0
    assert (small.path / "models" / "gpt.safetensors").exists()


def test_a_fresh_clone_trains_nothing(clone: Checkout) -> None:
    trainings = {name: stage for name, stage in stages().items() if name.startswith("train_")}
    ran = clone.repro(*(name.replace("train_", "evaluate_") for name in trainings))
    assert {"points", "corpus", "tokens"} <= set(ran), "the data is not shipped"
    assert not [name for name in ran if name.startswith("train_")]
    for stage in trainings.values():
        for output in outputs(stage):
            assert (clone.path / output).is_file(), output
    if machine() == (ROOT / ".dvc" / "shipped-on").read_text().strip():
        assert clone.run("git", "status", "--porcelain").stdout == ""
