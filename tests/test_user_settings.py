"""Users' settings for other programs do not leak into what is made here."""

import re
from pathlib import Path

import pytest

from tests.conftest import ROOT, Checkout

pytestmark = pytest.mark.pipeline

MATPLOTLIBRC = """\
text.usetex: True
savefig.bbox: tight
lines.linewidth: 7
axes.grid: True
font.family: serif
svg.fonttype: none
"""
DVC_CONFIG = """\
[core]
    autostage = true
    remote = elsewhere
[cache]
    dir = {elsewhere}
    type = symlink
[plots]
    html_template = none.html
['remote "elsewhere"']
    url = {elsewhere}
"""
# a scatter plot, curves, tick labels of text, painted text, the documents, and texts
STAGES = ("fig_forward", "fig_steps", "fig_inversion", "fig_attention_last", "report", "beyond")
STAGES += ("model_pages", "forward", "logprob")


@pytest.fixture
def hostile(tmp_path: Path) -> dict[str, str]:
    folder, rc = tmp_path / "dvc", tmp_path / "matplotlibrc"
    folder.mkdir()
    (folder / "config").write_text(DVC_CONFIG.format(elsewhere=tmp_path / "elsewhere"))
    rc.write_text(MATPLOTLIBRC)
    return {
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "MATPLOTLIBRC": str(rc),
        "DVC_GLOBAL_CONFIG_DIR": str(folder),
        "DVC_SYSTEM_CONFIG_DIR": str(folder),
        "NO_COLOR": "1",
        "COLUMNS": "20",
        "LC_ALL": "C",
        "LANGUAGE": "tr",
        "TZ": "Pacific/Kiritimati",
        "SOURCE_DATE_EPOCH": "1",
        "PYTHONHASHSEED": "7",
        "PYTHONIOENCODING": "cp1252",
        "PYTHONOPTIMIZE": "1",
        "PIP_NO_BINARY": ":all:",
        "PIP_REQUIRE_HASHES": "1",
        "PIP_CONSTRAINT": str(tmp_path / "none.txt"),
        "OMP_NUM_THREADS": "1",
        "TYPST_FONT_PATHS": str(tmp_path),
        "TQDM_MININTERVAL": "0",
    }


@pytest.mark.long
def test_the_pipeline(made: Checkout, hostile: dict[str, str]) -> None:
    before = made.artifacts()
    made.run("dvc", "repro", "--force", "--single-item", *STAGES, **hostile)
    assert made.artifacts() == before
    assert made.run("git", "status", "--porcelain").stdout == ""
    assert "up to date" in made.run("dvc", "repro", **hostile).stdout


@pytest.mark.long
def test_the_examples(clone: Checkout, hostile: dict[str, str]) -> None:
    """In a fresh clone, from the shipped weights; only the times may differ."""
    pictures, texts = [], []
    for variables in ({}, hostile):
        for script in ("example_diffusion.py", "example_gpt.py"):
            said = clone.run("python", script, **variables).stdout
            texts.append(re.sub(r"\d+\.\d s", "", said))
        pictures.append((clone.path / "diffusion.png").read_bytes())
    assert pictures[0] == pictures[1]
    assert texts[:2] == texts[2:]


@pytest.mark.long
def test_downloads(copy: Checkout, hostile: dict[str, str]) -> None:
    for file in (copy.path / ".downloads").iterdir():
        file.unlink()
    copy.run("python", "-m", "stages.gpt.corpus", **hostile)


def test_a_narrow_console(clone: Checkout) -> None:
    """Characters that it lacks are escaped: an error would waste all the work before."""
    options = ("--prompt", "愛麗絲", "--words", "3")
    said = clone.run("python", "example_gpt.py", *options, PYTHONIOENCODING="ascii").stdout
    assert r"\u611b\u9e97\u7d72" in said


def test_every_program_of_the_makefile_is_named_by_its_path() -> None:
    """macOS's make looks up other programs in the PATH from before it was exported."""
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    for command in re.findall(r"^\t@?(.*)", text, re.MULTILINE):
        program = next(word for word in command.split() if not re.match(r"[A-Z_]+=", word))
        assert re.match(
            r"\$\((BIN\)/|PYTHON|PIP_INSTALL|MAKE)|(awk|if|else|npm|rm|touch)$", program
        ), command


@pytest.mark.long
def test_no_training_in_a_fresh_clone(clone: Checkout, hostile: dict[str, str]) -> None:
    done = clone.run("dvc", "repro", "train_diffusion", **hostile)
    assert "Stage 'train_diffusion' is cached" in done.stdout
