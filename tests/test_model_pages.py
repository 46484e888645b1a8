"""The models' pages: their Python runs, and what they say about other data is true."""

import hashlib
import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from lab.core.artifacts import write_arrays
from lab.core.yaml12 import read_yaml
from lookingglass.diffusion.weights import load_denoiser
from lookingglass.errors import InputError
from lookingglass.gpt.weights import load_gpt
from stages import model_pages
from stages.model_pages import file_name, weights
from tests.conftest import NUMBERS, ROOT, Checkout

PAGES = ("conditional", "diffusion", "gpt", "plain")


@pytest.mark.pipeline
def test_the_pages_in_git_are_what_the_stage_writes_and_their_python_runs(copy: Checkout) -> None:
    copy.run("dvc", "checkout", *(f"models/{name}.safetensors" for name in PAGES))
    folder = ROOT / "docs" / "models"
    lock = read_yaml(ROOT / "dvc.lock")["stages"]["model_pages"]["outs"]
    made = {Path(out["path"]).name: out["md5"] for out in lock}
    assert made == {
        page.name: hashlib.md5(page.read_bytes()).hexdigest() for page in folder.iterdir()
    }, "'dvc repro' remakes them, and 'make ship' copies them"
    shipped = {page.name: page.read_text(encoding="utf-8") for page in folder.iterdir()}

    blocks = [re.findall(r"```python\n(.*?)```", text, re.S) for text in shipped.values()]
    assert [len(of_page) for of_page in blocks] == [1] * 4
    printed = copy.run("python", "-c", "\n".join(block for [block] in blocks)).stdout
    assert printed.count("tensor(") == 3
    assert "nan" not in printed
    assert len(printed.split()) > 3 * 10 + 15  # points, and the GPT's words

    for name in PAGES:
        path = copy.path / "models" / f"{name}.safetensors"
        model = load_gpt(path) if name == "gpt" else load_denoiser(path)
        count = sum(parameter.numel() for parameter in model.parameters())
        assert f"`: {count:,} weights, " in shipped[f"{name}.md"]


@pytest.fixture
def numbers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """This repository's metrics and parameters, and small stand-ins for data and weights."""
    monkeypatch.chdir(tmp_path)
    Path("metrics/details").mkdir(parents=True)
    for name, made in NUMBERS.items():
        Path(f"metrics/details/{name}.json").write_text(json.dumps(made))
    shutil.copy(ROOT / "params.yaml", "params.yaml")
    shutil.copytree(ROOT / "report" / "pages", "report/pages")
    write_arrays("data/origin.npz", square=np.array(True))
    parts = {"train": 850, "validation": 50, "test": 100, "rows": 3}
    write_arrays("data/tokens.npz", **{name: np.zeros(size) for name, size in parts.items()})
    Path("data/alice.txt").write_text("text")
    Path("models").mkdir()
    for name in PAGES:
        save_file({"weight": torch.zeros(3, 2)}, f"models/{name}.safetensors")


def written(page: str) -> str:
    model_pages.main()
    return Path(f"models/pages/{page}.md").read_text(encoding="utf-8")


@pytest.mark.usefixtures("numbers")
def test_markup_is_whole() -> None:
    """All rows of a table have the same number of cells, and no blank line splits it."""
    for page in PAGES:
        text = written(page)
        for table in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE):
            rows = table.splitlines()
            assert len(rows) > 3
            assert {row.count("|") for row in rows} == {rows[0].count("|")}
        assert "{" not in re.sub(r"```.*?```", "", text, flags=re.S)
        assert "\n\n\n" not in text
        assert text.count("\n## ") == 4


@pytest.mark.usefixtures("numbers")
def test_facts_about_alice_are_stated_of_alice_only() -> None:
    alice = ("Alice", "Carroll", "Gutenberg", "public domain", "1865", "children")
    assert all(word in written("gpt") for word in alice)

    path = Path("params.yaml")
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("file: lab/data/alice.toml", "file: texts/own.txt"))
    said = written("gpt")
    assert not [word for word in alice if word in said]
    assert "The text is the user's own, `own.txt`, 4 bytes." in said
    assert "Of its 1,000 tokens the first 850 are for training" in said


def test_any_file_name_is_a_code_span() -> None:
    """By CommonMark 6.1: with a longer fence, and spaces that are not shown."""
    assert file_name("a/own.txt") == "`own.txt`"
    assert file_name("a/*b* [d](e).txt") == "`*b* [d](e).txt`"
    assert file_name("`a``b`.txt") == "``` `a``b`.txt ```"


@pytest.mark.parametrize("data", [b"", b"\x08\0\0\0\0\0\0\0nonsense", b"\x02\0\0\0\0\0\0\0[]"])
def test_damaged_weights_are_one_line(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "w.safetensors"
    path.write_bytes(data)
    with pytest.raises(InputError, match=r"w\.safetensors: damaged; delete it, then 'dvc repro'"):
        weights(str(path))
