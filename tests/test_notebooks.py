"""The notebooks: their sources run, and the .ipynb are what jupytext makes of them."""

from pathlib import Path

import jupytext
import pytest
from nbclient import NotebookClient

from tests.conftest import ROOT

NAMES = ("diffusion", "gpt")
FOLDER = ROOT / "notebooks"


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_runs(name: str, downloads: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")  # other tests run beside it
    notebook = jupytext.read(FOLDER / f"{name}.py")
    resources = {"metadata": {"path": str(FOLDER)}}
    NotebookClient(notebook, timeout=120, resources=resources).execute()
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    assert sum("image/png" in output.get("data", {}) for output in outputs) >= 3
    said = "".join(output.text for output in outputs if output.output_type == "stream")
    assert "warning" not in said.lower()


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_is_made_from_its_source(name: str) -> None:
    """`make notebooks` makes it."""
    source, made = (jupytext.read(FOLDER / f"{name}{suffix}") for suffix in (".py", ".ipynb"))
    assert [(cell.cell_type, cell.source) for cell in made.cells] == [
        (cell.cell_type, cell.source) for cell in source.cells
    ]
    assert not any(cell.get("outputs") for cell in made.cells), "results belong to who runs it"
