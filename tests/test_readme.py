"""The Python in docs/library.md runs as it stands; README's commands print what it says."""

import re

import numpy as np
import pytest

from tests.conftest import ROOT, Checkout
from tests.test_commands import DOCUMENTS
from tests.test_dependencies import outputs, stages
from tools.ship import machine

README = (ROOT / "README.md").read_text(encoding="utf-8")
LIBRARY = (ROOT / "docs" / "library.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", LIBRARY, re.S)
OUTPUTS = re.findall(r"```text\n(.*?)```", README, re.S)


@pytest.mark.pipeline
def test_python_in_the_documentation(clone: Checkout) -> None:
    assert len(BLOCKS) == 3
    clone.run("dvc", "checkout", "models/diffusion.safetensors", "models/gpt.safetensors")
    ring = np.random.default_rng(0).normal(size=(300, 2))
    ring /= np.linalg.norm(ring, axis=1, keepdims=True)
    np.savetxt(clone.path / "points.csv", ring, delimiter=",")
    for block in BLOCKS:
        printed = clone.run("python", "-c", block, OMP_NUM_THREADS="1").stdout  # others run, too
        assert printed
        assert "nan" not in printed
    assert len(printed.split()) > 20  # the GPT's words, and their log-probability


@pytest.mark.pipeline
def test_the_tour(clone: Checkout) -> None:
    """With the shipped weights; only the first of its four stages is run."""
    clone.repro("sample")
    clone.set("sample.steps", 5)
    said = clone.run("dvc", "params", "diff").stdout + clone.run("dvc", "status", "sample").stdout
    said += clone.run("dvc", "repro", "sample").stdout + clone.run("dvc", "metrics", "diff").stdout
    shown = "".join(OUTPUTS[:3]).splitlines()
    of_others = ("fig_seeds", "pages", "report", "plots/")
    shown = [line for line in shown if not any(word in line for word in of_others)]
    assert len(shown) > 10
    if machine() == (ROOT / ".dvc" / "shipped-on").read_text().strip():
        assert not [line for line in shown if line not in said.splitlines()]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_files_and_functions_that_a_document_names_exist(document: str) -> None:
    """Every path in backticks, and every function that the text says is in a file."""
    text = (ROOT / document).read_text(encoding="utf-8")
    made = {name for stage in stages().values() for name in outputs(stage)}
    for path in re.findall(r"`([\w.-]+/[\w./-]+\.(?:py|typ|toml|ya?ml|md|npz|csv|png))`", text):
        assert (ROOT / path).exists() or path in made or "NAME" in path, path
    for name, path in re.findall(r"`(\w+)`\s+in\s+`([\w/]+\.py)`", text):
        assert re.search(rf"\bdef {name}\b", (ROOT / path).read_text(encoding="utf-8")), name
