"""The real pipeline: with small parameters in a copy, and as shipped in a clone."""

import json
import subprocess
import sys

import pytest
from filelock import FileLock

from tests.conftest import ROOT, Checkout
from tests.test_dependencies import outputs, stages
from tools.blast_radius import radius
from tools.pipeline import declared
from tools.ship import machine

pytestmark = pytest.mark.pipeline


def test_every_stage_with_what_it_declares_alone(made: Checkout) -> None:
    """Each runs alone, in an empty directory, and gives the same bytes as all in one process."""
    before = made.artifacts()
    assert all(before.values())
    assert "all good" in made.run("python", "-m", "tools.audit").stdout
    assert made.artifacts() == before, "the audit changed something here"
    assert made.repro() == []


def test_what_a_change_touches(made: Checkout) -> None:
    """What docs/blast-radius.md says of the shipped pipeline; undoing the change reruns nothing."""
    before = made.artifacts()
    pipeline = declared(ROOT)

    def after(**changes: int) -> set[str]:
        """Set keys, and check that the right stages run; gives the artifacts that change."""
        keys = [key.replace("__", ".") for key in changes]
        for key, value in zip(keys, changes.values(), strict=True):
            made.set(key, value)
        ran = made.repro()
        assert len(ran) == len(set(ran))
        assert set(ran) == set().union(*(radius(key, pipeline) for key in keys))
        return {name for name, data in made.artifacts().items() if data != before[name]}

    def set_back(**values: int) -> None:
        for key, value in values.items():
            made.set(key.replace("__", "."), value)
        assert made.repro() == [], "DVC's run-cache did not restore what was made before"
        assert made.artifacts() == before

    changed = after(style__dpi=50)
    assert changed >= {name for name in before if name.endswith(".png")}
    of_style = ("plots/", "cached/plots/", "report/")
    assert all(name.startswith(of_style) for name in changed)
    set_back(style__dpi=60)

    assert after(sample__steps=5) == {
        "data/sample.npz", "metrics/sample.json", "metrics/details/sample.json", "plots/seeds.png",
        "plots/seeds.svg", "cached/metrics/sample.json", "cached/plots/seeds.png",
        "models/pages/diffusion.md", "report/report.pdf",
    }  # fmt: skip
    after(likelihood__draws=128, attention__word=10, train_gpt__steps=4)
    set_back(sample__steps=10, likelihood__draws=64, attention__word=11, train_gpt__steps=10)


def test_no_training_depends_on_the_style(made: Checkout) -> None:
    """After a change there, `dvc repro` would run figures and the documents, and no training."""
    style = made.path / "lab" / "drawing" / "style.mplstyle"
    before = style.read_bytes()
    style.write_bytes(before + b"# changed\n")
    stale = json.loads(made.run("dvc", "status", "--json", "dvc.yaml").stdout)
    style.write_bytes(before)
    assert stale
    assert all(name.startswith("fig_") or name in ("report", "beyond") for name in stale)


def test_a_killed_training_resumes(small: Checkout) -> None:
    """Really killed, once it has a checkpoint; the result is that of an undisturbed training."""
    small.set("train_gpt.steps", 200)
    small.make(*(f"stages.gpt.{name}" for name in ("corpus", "tokens", "train_gpt")))
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
    assert "resuming after step" in done.stdout
    assert model.read_bytes() == whole


def test_two_trainings_wait_for_each_other(small: Checkout) -> None:
    small.repro("tokens")
    (small.path / ".checkpoints").mkdir(exist_ok=True)
    lock = FileLock(small.path / ".checkpoints" / "train_gpt.lock")
    command = [sys.executable, "-m", "stages.gpt.train_gpt"]
    with (
        lock,
        subprocess.Popen(command, cwd=small.path, stdout=subprocess.PIPE, text=True) as other,
    ):
        assert other.stdout
        assert other.stdout.readline().startswith("another train_gpt is running; waiting")
        assert not (small.path / "models" / "gpt.safetensors").exists()
        lock.release()
        assert other.wait() == 0
    assert (small.path / "models" / "gpt.safetensors").exists()


def test_a_fresh_clone_trains_nothing(clone: Checkout) -> None:
    trainings = {name: stage for name, stage in stages().items() if name.startswith("train_")}
    ran = clone.repro(*trainings)
    assert {"points", "corpus", "tokens"} <= set(ran), "the data is not shipped"
    assert not [name for name in ran if name.startswith("train_")]
    for stage in trainings.values():
        for output in outputs(stage):
            assert (clone.path / output).is_file(), output
    if machine() == (ROOT / ".dvc" / "shipped-on").read_text().strip():
        assert clone.run("git", "status", "--porcelain").stdout == ""
