"""The zip to hand in: its contents, that both examples run from it, and when none is made."""

import sys
import zipfile
from pathlib import Path

import pytest

from tests.conftest import Checkout

pytestmark = pytest.mark.pipeline

EXAMPLES = ("example_diffusion.py", "example_gpt.py")


def submission(checkout: Checkout) -> str:
    """Make submission.zip; gives what is printed."""
    return checkout.run("python", "-m", "tools.submission").stdout


def unzipped(checkout: Checkout, folder: Path) -> Checkout:
    with zipfile.ZipFile(checkout.path / "submission.zip") as archive:
        assert archive.testzip() is None
        archive.extractall(folder)
    return Checkout(folder)


def complaint(checkout: Checkout) -> str:
    done = checkout.run("python", "-m", "tools.submission", check=False)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert not (checkout.path / "submission.zip").exists()
    return done.stderr


def test_both_examples_run_from_the_zip(made: Checkout, tmp_path: Path) -> None:
    (made.path / "notes.txt").write_text("mine")
    said = submission(made)
    assert "left out, because git does not know them: notes.txt" in said
    assert "names nobody" in said
    handed_in = unzipped(made, tmp_path / "zip")
    names = {str(file.relative_to(handed_in.path)) for file in handed_in.path.rglob("*")}
    assert names >= {
        "README.md", "pyproject.toml", "constraints.txt", "params.yaml", "docs/report.pdf",
        "docs/beyond.pdf", "docs/models/gpt.md",
        "models/diffusion.safetensors", "models/gpt.safetensors", *EXAMPLES,
        "stages/diffusion/train_diffusion.py", "stages/gpt/train_gpt.py",
    }  # fmt: skip
    assert not [name for name in names if name.startswith((".", "data"))]
    assert not names & {"dvc.lock", "models/plain.safetensors", "notes.txt", "submission.zip"}
    pdf = (made.path / "report" / "report.pdf").read_bytes()
    assert (handed_in.path / "docs" / "report.pdf").read_bytes() == pdf
    for weights in ("models/diffusion.safetensors", "models/gpt.safetensors"):
        assert (handed_in.path / weights).read_bytes() == (made.path / weights).read_bytes()

    for example in EXAMPLES:
        # PATH leads nowhere, so git and dvc cannot be run
        done = handed_in.run(sys.executable, example, PATH="/nowhere")
        assert done.stdout.startswith("loaded    models/")
    assert (handed_in.path / "diffusion.png").stat().st_size


@pytest.mark.long
def test_same_bytes_whose_it_is_and_files_of_ones_own(made: Checkout, tmp_path: Path) -> None:
    submission(made)
    first = (made.path / "submission.zip").read_bytes()
    (made.path / "README.md").touch()
    submission(made)
    assert (made.path / "submission.zip").read_bytes() == first

    own = "texts/é `*`[x].txt"  # git does not know it, and it looks like a pattern
    (made.path / ".git" / "info" / "exclude").write_text("texts/\n")
    (made.path / "texts").mkdir()
    (made.path / own).write_text("Once upon a time")
    made.set("corpus.file", own)
    made.set("report.author", "Dinah Liddell, dinah")
    made.run("dvc", "commit", "--force", "dvc.yaml")  # as if everything had been remade
    made.commit("Mine")
    assert "left out" not in submission(made)
    handed_in = unzipped(made, tmp_path / "zip").path
    assert (handed_in / own).read_text() == "Once upon a time"
    readme = (handed_in / "README.md").read_text()
    assert readme.startswith("Submitted by Dinah Liddell, dinah.\n")
    assert readme.endswith((made.path / "README.md").read_text())


@pytest.mark.long
def test_no_zip_of_what_is_not_up_to_date(made: Checkout) -> None:
    pdf, weights = made.path / "report" / "report.pdf", made.path / "models" / "gpt.safetensors"
    data = pdf.read_bytes()
    pdf.unlink()
    assert complaint(made) == "not made, or no longer up to date: report; run 'dvc repro' first\n"
    pdf.write_bytes(data)
    weights.unlink()
    assert "train_gpt" in complaint(made)
    made.run("dvc", "checkout", "models/gpt.safetensors")
    made.set("sample.steps", 7)
    assert "up to date: sample, model_pages, report; run" in complaint(made)
    made.run("git", "checkout", "params.yaml")
    (made.path / "example_gpt.py").write_text("changed")
    assert complaint(made) == "not committed: example_gpt.py; run 'git commit --all' first\n"


def test_no_zip_of_files_elsewhere(made: Checkout) -> None:
    made.set("corpus.file", "../own.txt")
    assert "corpus.file = '../own.txt': must be in this folder" in complaint(made)


def test_no_zip_without_a_repository(made: Checkout, tmp_path: Path) -> None:
    (made.path / ".git").rename(tmp_path / "git")
    assert complaint(made).startswith("git status: fatal: not a git repository")
