"""The whole GPT half on texts of other lengths and in other languages (small parameters)."""

import importlib.metadata
import json
import re
from xml.etree import ElementTree

import pandas as pd
import pytest
import vl_convert
from pypdf import PdfReader

from lab.core.artifacts import read_arrays
from lab.drawing import fonts
from tests.conftest import Checkout
from tests.test_dependencies import stages
from tests.test_plots import CHARTS
from tests.texts import TEXTS

FIGURES = [f"stages.figures.fig_{name}" for name in
           ("gpt_loss", "inversion", "attention_first", "attention_last", "logprob",
            "language", "scaling")]  # fmt: skip
SECOND_HALF = [
    *(
        module
        for stage in stages().values()
        if (module := stage["cmd"].removeprefix("python -m ")).startswith("stages.gpt.")
    ),
    *FIGURES,
    "stages.model_pages",
    "stages.report",
    "stages.beyond",
]
# enough training to write characters that take several tokens
BETTER = {"steps": 120, "evaluate_every": 20, "n_embd": 32, "batch_size": 16}


def licence() -> str:
    """NumPy's licence, which comes with the package: 47 kB of legal English."""
    files = importlib.metadata.files("numpy") or []
    return next(f for f in files if f.name == "LICENSE.txt").read_text(encoding="utf-8")


def remake(made: Checkout, text: str, **training: int) -> None:
    """Run the GPT half and the report on a text; warnings, as of a missing glyph, are errors."""
    (made.path / "own.txt").write_text(text, encoding="utf-8")
    made.set("corpus.file", "own.txt")
    for key, value in training.items():
        made.set(f"train_gpt.{key}", value)
    made.make(*SECOND_HALF, PYTHONWARNINGS="error::UserWarning")


def printed(made: Checkout) -> str:
    """The report's text without white space, which some scripts do not use."""
    pages = PdfReader(made.path / "report" / "report.pdf").pages
    return re.sub(r"\s+", "", "".join(page.extract_text() for page in pages))


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.long
@pytest.mark.pipeline
def test_another_language(made: Checkout, name: str) -> None:
    text = TEXTS[name]
    remake(made, text, **BETTER)
    assert (made.path / "data" / "alice.txt").read_text(encoding="utf-8") == text.strip() + "\n"
    losses = json.loads((made.path / "metrics" / "evaluate_gpt.json").read_text())
    # in nats; a uniform distribution has 10.8
    assert 0 < losses["mixture_loss"] <= losses["loss"] < 11
    details = json.loads((made.path / "metrics" / "details" / "attention.json").read_text())
    assert details["word"] == 11
    assert "\ufffd" not in "".join(read_arrays(made.path / "data" / "attention.npz")["pieces"])
    assert "`own.txt`" in (made.path / "models" / "pages" / "gpt.md").read_text(encoding="utf-8")
    report = printed(made)
    generated = (made.path / "data" / "generated.txt").read_text(encoding="utf-8")
    shown = generated + "".join(details[f"{which}_last"] for which in ("top", "low"))
    if fonts.fallbacks(shown, fonts.DEJAVU_MONO)[1]:
        assert "nofontonthiscomputerhas" in report
    elif name not in ("arabic", "thai"):  # pypdf extracts other characters for their glyphs
        assert set(re.sub(r"\s", "", shown)) <= {*report}


@pytest.mark.long
@pytest.mark.pipeline
def test_a_legal_text(made: Checkout) -> None:
    """Much longer, with a model too small for it: the attention may be left out."""
    remake(made, licence())
    assert "ontheendofthebook" in printed(made)


@pytest.mark.long
@pytest.mark.pipeline
def test_without_a_font(made: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each figure and the report say which characters have no font."""
    made.set("invert.sentence", "我 am")
    made.set("tokens.reserved", ["我 am"])
    remake(made, TEXTS["chinese"], **BETTER)
    monkeypatch.chdir(made.path)
    monkeypatch.setattr(fonts, "findSystemFonts", list)
    for module in (*FIGURES, "stages.report"):
        importlib.import_module(module).main()
    report = printed(made)
    assert "nofontonthiscomputerhasU+3002" in report
    assert "U+6211am" in report
    for name in ("inversion", "attention_first", "attention_last", "logprob", "language"):
        figure = (made.path / "plots" / f"{name}.svg").read_text(encoding="utf-8")
        height = re.search(r'height="([\d.]+)pt"', figure)
        assert height
        assert float(height[1]) < 50, f"{name}: more than a sentence"


@pytest.mark.long
@pytest.mark.pipeline
def test_a_model_that_writes_no_words(made: Checkout) -> None:
    """The pipeline continues, and the report says why two questions are left out."""
    remake(made, "\n".join(f"— {'… ' * (1 + i % 7)}" for i in range(3000)), steps=60)
    report = printed(made)
    assert "Leftout:withattention.seed=" in report
    assert "toofewtoexplainword11" in report


MARKUP = "$$ \\frac{ _a_ *b* `c` #let [d](e) <f> | & % \\u{61} <DVC_METRIC_Y> <!-- {{x}} //"


@pytest.mark.pipeline
def test_text_that_looks_like_markup(made: Checkout) -> None:
    """It is shown verbatim by matplotlib, Typst, Vega and Markdown."""
    name = "own `$$` *b* _a_ [d](e) <f>.txt"
    (made.path / name).write_text(f"{MARKUP}\n" * 100)
    made.set("corpus.file", name)
    made.set("tokens.reserved", [MARKUP])
    made.set("invert.sentence", MARKUP)
    made.set("report.author", MARKUP)
    made.set("generate.prompt", MARKUP)
    made.set("logprob.prompt", MARKUP)
    made.set("attention.prompt", MARKUP.partition("[d]")[0])
    for key, value in BETTER.items():
        made.set(f"train_gpt.{key}", value)
    made.make(*SECOND_HALF, PYTHONWARNINGS="error::UserWarning")
    report = printed(made)
    assert report.count(re.sub(r"\s", "", MARKUP)) >= 3  # the author, a sentence, the model's text
    page = (made.path / "models" / "pages" / "gpt.md").read_text(encoding="utf-8")
    assert f"`` {name} ``" in page
    charts = [name for name in CHARTS if name.startswith("gpt/")]
    plots = json.loads(made.run("dvc", "plots", "show", "--json", *charts).stdout)["data"]
    tokens = pd.read_csv(made.path / "data" / "invert.csv", dtype=str, keep_default_na=False).token
    svg = {name: vl_convert.vegalite_to_svg(plots[name][0]["content"]) for name in charts}
    labels = {text.text for text in ElementTree.fromstring(svg["gpt/inversion_tokens"]).iter(
        "{http://www.w3.org/2000/svg}text")}  # fmt: skip
    assert {f"{place} {token}".strip() for place, token in enumerate(tokens)} <= labels
