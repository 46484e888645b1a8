"""The pipeline for real: small, in a copy; and as shipped, in a clone."""

import pytest

from stages.ship import machine
from tests.conftest import ROOT, Checkout
from tests.test_dependencies import stages

pytestmark = pytest.mark.pipeline

FIGURES = {name for name in stages() if name.startswith("fig_")}


def test_the_small_pipeline(small: Checkout) -> None:
    """Made once; again, nothing; by force, the same bytes; after a change, what it touches."""
    assert set(small.repro()) == set(stages())
    made = small.artifacts()
    assert all(made.values())
    assert small.repro() == []

    assert set(small.repro("--force")) == set(stages())
    assert small.artifacts() == made, "the same parameters gave other bytes"

    small.set("style.dpi", 50)
    assert set(small.repro()) == FIGURES | {"report"}
    changed = {name for name, data in small.artifacts().items() if data != made[name]}
    assert changed >= {name for name in made if name.endswith(".png")}
    assert not any(name.startswith(("data", "models", "metrics")) for name in changed)

    small.set("sample.steps", 5)
    small.set("style.dpi", 60)
    assert set(small.repro()) == {"sample", "fig_seeds", "report"}
    changed = {name for name, data in small.artifacts().items() if data != made[name]}
    assert changed == {
        "data/sample.npz", "metrics/sample.json", "plots/seeds.png", "plots/seeds.svg",
        "report/report.pdf",
    }  # fmt: skip

    small.set("sample.steps", 10)
    # reverting a parameter is the run-cache's work; DVC keeps none for an output that lives in git
    assert small.repro() == ["report"]
    assert small.artifacts() == made


def test_a_fresh_clone_trains_nothing(clone: Checkout) -> None:
    ran = clone.repro("evaluate_diffusion")
    assert "points" in ran, "the data is not shipped"
    assert not [name for name in ran if name.startswith("train_")]
    assert (clone.path / "models" / "diffusion.safetensors").is_file()
    if machine() == (ROOT / ".dvc" / "shipped-on").read_text().strip():
        assert clone.run("git", "status", "--porcelain").stdout == ""
