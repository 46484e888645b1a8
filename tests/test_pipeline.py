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


A_FEW = ("points", "tokens", "sample", "fig_seeds")


@pytest.mark.parametrize("names", [A_FEW, pytest.param((), id="all", marks=pytest.mark.long)])
def test_stages_with_what_they_declare_alone(made: Checkout, names: tuple[str, ...]) -> None:
    """Each runs alone, in an empty directory, and gives the same bytes as all in one process."""
    before = made.artifacts()
    assert all(before.values())
    assert "all good" in made.run("python", "-m", "tools.audit", *names).stdout
    assert made.artifacts() == before, "the audit changed something here"
    assert made.repro() == []


def changed_by(made: Checkout, changes: dict[str, int]) -> set[str]:
    """Set keys, and check that what docs/blast-radius.md says runs; gives the changed artifacts.

    Then set them back, which runs nothing and gives the bytes of before.
    """
    before, pipeline = made.artifacts(), declared(ROOT)
    for key, value in changes.items():
        made.set(key, value)
    ran = made.repro()
    assert len(ran) == len(set(ran))
    assert set(ran) == set().union(*(radius(key, pipeline) for key in changes))
    changed = {name for name, data in made.artifacts().items() if data != before[name]}
    made.run("git", "checkout", "params.yaml")
    assert made.repro() == [], "DVC's run-cache did not restore what was made before"
    assert made.artifacts() == before
    return changed


def test_what_a_change_touches(made: Checkout) -> None:
    assert changed_by(made, {"sample.steps": 5}) == {
        "data/sample.npz", "metrics/sample.json", "metrics/details/sample.json", "plots/seeds.png",
        "plots/seeds.svg", "cached/metrics/sample.json", "cached/plots/seeds.png",
        "models/pages/diffusion.md", "report/report.pdf",
    }  # fmt: skip


@pytest.mark.long
def test_what_further_changes_touch(made: Checkout) -> None:
    pictures = {name for name in made.artifacts() if name.endswith(".png")}
    changed = changed_by(made, {"style.dpi": 50})
    assert changed >= pictures
    assert all(name.startswith(("plots/", "cached/plots/", "report/")) for name in changed)
    changed_by(made, {"likelihood.draws": 128, "attention.word": 10, "train_gpt.steps": 4})


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
    small.set("train_gpt.evaluate_every", 20)
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
