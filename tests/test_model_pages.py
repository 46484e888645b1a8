"""The pages of the models: their Python runs, and what they say follows from the numbers."""

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
from stages.pages import conditional, diffusion, gpt, plain
from stages.pages.words import read_weights
from tests.conftest import NUMBERS, ROOT, Checkout

PAGES = {"conditional": conditional, "diffusion": diffusion, "gpt": gpt, "plain": plain}
TEXT = "lab/data/alice.toml"


@pytest.mark.pipeline
def test_the_pages_in_git_are_what_the_stage_writes_and_their_python_runs(copy: Checkout) -> None:
    copy.run("dvc", "checkout", *(f"models/{name}.safetensors" for name in PAGES))
    folder = ROOT / "docs" / "models"
    lock = read_yaml(ROOT / "dvc.lock")["stages"]["model_pages"]["outs"]
    made = {Path(out["path"]).name: out["md5"] for out in lock}
    assert made == {
        page.name: hashlib.md5(page.read_bytes()).hexdigest() for page in folder.iterdir()
    }, "'dvc repro' makes them anew, and 'make ship' copies them"
    written = {page.name: page.read_text(encoding="utf-8") for page in folder.iterdir()}

    blocks = [re.findall(r"```python\n(.*?)```", text, re.S) for text in written.values()]
    assert [len(of_page) for of_page in blocks] == [1] * 4
    printed = copy.run("python", "-c", "\n".join(block for [block] in blocks)).stdout
    assert printed.count("tensor(") == 3
    assert "nan" not in printed
    assert len(printed.split()) > 3 * 10 + 15  # points, and the GPT's words

    for name in PAGES:
        path = copy.path / "models" / f"{name}.safetensors"
        model = load_gpt(path) if name == "gpt" else load_denoiser(path)
        count = sum(parameter.numel() for parameter in model.parameters())
        assert f"`: {count:,} weights, " in written[f"{name}.md"]


@pytest.fixture
def numbers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """This repository's metrics and parameters, and small stand-ins for data and weights."""
    monkeypatch.chdir(tmp_path)
    Path("metrics/details").mkdir(parents=True)
    for name, made in NUMBERS.items():
        Path(f"metrics/details/{name}.json").write_text(json.dumps(made))
    shutil.copy(ROOT / "params.yaml", "params.yaml")
    Path(TEXT).parent.mkdir(parents=True)
    shutil.copy(ROOT / TEXT, TEXT)
    write_arrays("data/origin.npz", square=np.array(True))
    parts = {"train": 850, "validation": 50, "test": 100}
    write_arrays("data/tokens.npz", **{name: np.zeros(size) for name, size in parts.items()})
    Path("data/alice.txt").write_text("text")
    Path("models").mkdir()
    for name in PAGES:
        save_file({"token_embedding.weight": torch.zeros(3, 2)}, f"models/{name}.safetensors")
    return tmp_path


def change(metrics: str, **values: float) -> None:
    path = Path("metrics/details") / f"{metrics}.json"
    made = json.loads(path.read_text())
    assert set(values) <= set(made)
    path.write_text(json.dumps(made | values))


def parameter(old: str, new: str) -> None:
    path = Path("params.yaml")
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.mark.parametrize(
    ("page", "metrics", "values", "before", "after"),
    [
        ("diffusion", "evaluate_diffusion", {"excess_loss": 0.02}, " times less", " times more"),
        ("diffusion", "evaluate_diffusion", {"points_excess": 1e-9},
         "better than whoever learned", "no better than whoever learned"),
        ("diffusion", "samplers", {"energy_standard": 1e-5},
         "from N(0, I), they can be told", "from N(0, I), they cannot be told"),
        ("diffusion", "samplers", {"energy_matched": 1.0},
         "variance, they cannot be told", "variance, they can be told"),
        ("diffusion", "samplers", {"std_standard": 0.577}, "denser in the middle", ""),
        ("diffusion", "samplers", {"only_network": 1.0}, "costs more than", "costs less than"),
        ("diffusion", "steps", {"model_few_std": 0.577}, "in 10 steps shrinks", ""),
        ("plain", "evaluate_plain", {"excess_loss": 1e-4},
         "the excess of [ours]", "[Ours](diffusion.md) leaves 11 times"),
        ("conditional", "evaluate_conditional",
         {f"energy_matched_{i}": 0.0 for i in range(5)},
         "can be told from true ones", "no class's samples can be told"),
        ("conditional", "evaluate_conditional",
         {f"inside_{i}": 1.0 for i in range(5)}, "as asked, fewer samples of class", ""),
        ("gpt", "evaluate_gpt", {"loss": 9.0}, "end better than the 5-gram", "end no better than"),
        ("gpt", "ngram", {"loss": 4.0}, "do better than either alone", "it does no better"),
        ("gpt", "evaluate_gpt", {"validation_loss": 9.0}, "the end is the harder", ""),
        ("gpt", "evaluate_gpt", {"rare": 0.0}, "have no row of their own", "are hardly learned"),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("numbers")
def test_what_a_page_says_follows_from_the_numbers(
    page: str, metrics: str, values: dict[str, float], before: str, after: str
) -> None:
    said = PAGES[page].write()
    assert before in said
    assert not after or after not in said
    change(metrics, **values)
    said = PAGES[page].write()
    assert after in said
    assert before not in said.replace(after, "")


@pytest.mark.usefixtures("numbers")
def test_only_of_alice_it_says_what_is_true_of_alice() -> None:
    alice = ("Alice", "Carroll", "Gutenberg", "public domain", "1865", "children")
    assert all(word in gpt.write() for word in alice)

    source = Path(TEXT).read_text(encoding="utf-8")
    Path(TEXT).write_text(re.sub(r'\nsha256 = "..', '\nsha256 = "00', source), encoding="utf-8")
    said = gpt.write().replace("examples/alice.txt", "")
    assert not [word for word in alice if word in said]
    assert "`wordcloud==1.9.6`" in said

    parameter(f"file: {TEXT}", "file: texts/own.txt")
    said = gpt.write()
    assert not [word for word in alice if word in said]
    assert "A text of the user's own, `own.txt`, 4 bytes." in said
    assert "Of its 1,000 tokens, the first 850 are for training" in said


@pytest.mark.usefixtures("numbers")
def test_the_full_vocabulary() -> None:
    assert "It has 3 rows: one for each token of the training part" in gpt.write()
    parameter("vocabulary: compact", "vocabulary: full")
    assert "It has a row for each of GPT-2's tokens." in gpt.write()


@pytest.mark.parametrize("data", [b"", b"\x08\0\0\0\0\0\0\0nonsense", b"\x02\0\0\0\0\0\0\0[]"])
def test_damaged_weights_are_one_line(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "w.safetensors"
    path.write_bytes(data)
    with pytest.raises(InputError, match=r"w\.safetensors: damaged; delete it, then 'dvc repro'"):
        read_weights(str(path))
