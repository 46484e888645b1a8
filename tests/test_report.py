"""Both documents: a stage stops with one clear line rather than print an incomplete one."""

import contextlib
import importlib
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pypdf import PdfReader

from lab.core.artifacts import write_arrays, write_table
from lab.headlines import excess_sources
from lab.headlines.gpt import LOSS
from lab.headlines.quantity import HEADER, TABLE
from tests.conftest import NUMBERS, Checkout
from tests.test_dependencies import stages

CONTENT = {
    ".svg": '<svg xmlns="http://www.w3.org/2000/svg" width="400" height="100"></svg>',
    ".txt": "Alice",
    ".csv": "x,y,class,right_class,diffusion_T,bound_T,bound,flow,truth,reconstruction,"
    "way,distance,norm,log10_probability,network,points,run,steps,energy,rate,restarts_matched\n"
    "0,0,1,1,-6,1,1,1,1,7,a way,0.5,45,-3,0.2,0.1,model,200,0.01,0.1,8\n"
    "0,0,2,0,-60,-50,-50,-9,-999,7,another,0,45,-3,0.2,0.1,matched,200,0.001,1,0\n",
    ".safetensors": "weights",
}
TABLES = {
    "plots/excess_sources.csv": "source,excess\ntraining,9e-4\nfinite data,1e-4\nnetwork,3e-5\n",
    "plots/language_contexts.csv": "seen_from,seen_to,share,gpt_excess,gpt_error,gpt_variation,"
    "ngram_excess,ngram_error,ngram_variation\n"
    "0,0,0.6,0.9,0.01,0.4,0.5,0.01,0.2\n1,9,0.4,0.8,0.01,0.4,0.3,0.01,0.2\n",
    "plots/scaling_tokens.csv": "tokens,gpt,ngram\n10000,1.2,0.9\n20000,1.0,0.7\n",
    "plots/scaling_width.csv": "tokens,width,gpt,ngram\n20000,8,1.1,0.7\n20000,16,1.0,0.7\n",
    "plots/scaling_laws.csv": "by,model,exponent,half_width\n"
    "tokens,gpt,0.2,0.05\ntokens,ngram,0.4,0.05\nwidth,gpt,0.1,0.2\n",
    "data/language_sentence.csv": "position,truth,gpt\n7,0.6,0.1\n7,0.2,0.3\n8,0.5,0.5\n",
}
DOCUMENTS = ("report", "beyond")


@pytest.fixture
def ready(copy: Checkout) -> Checkout:
    """A copy that has everything the documents read."""
    for name in {dep for document in DOCUMENTS for dep in stages()[document]["deps"]}:
        path = copy.path / name
        if name == "data/origin.npz":
            write_arrays(path, square=np.array(True))
        elif path.suffix == ".json":
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(NUMBERS[path.stem]))
        elif not path.exists():
            path.parent.mkdir(exist_ok=True)
            path.write_text(TABLES.get(name, CONTENT.get(path.suffix, "")))
    return copy


def complaint(checkout: Checkout) -> str:
    done = checkout.run("python", "-m", "stages.report", check=False)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert not (checkout.path / "report" / "report.pdf").exists()
    return done.stderr


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def change(path: Path, **numbers: Any) -> None:
    """Overwrite some metrics."""
    path.write_text(json.dumps(json.loads(path.read_text()) | numbers))


def printed(checkout: Checkout, document: str = "report") -> str:
    """A document's text, on one line."""
    with contextlib.chdir(checkout.path):
        importlib.import_module(f"stages.{document}").main()
    pages = PdfReader(checkout.path / "report" / f"{document}.pdf").pages
    return re.sub(r"\s+", " ", " ".join(page.extract_text() for page in pages))


@pytest.mark.parametrize("document", DOCUMENTS)
def test_same_bytes(ready: Checkout, document: str) -> None:
    pdf = ready.path / "report" / f"{document}.pdf"
    ready.run("python", "-m", f"stages.{document}")
    first = pdf.read_bytes()
    assert first.startswith(b"%PDF")
    ready.run("python", "-m", f"stages.{document}")
    assert pdf.read_bytes() == first


def test_points_of_ones_own_have_a_report_of_figures(ready: Checkout) -> None:
    ready.run("python", "-m", "stages.report")
    about_the_square = (ready.path / "report" / "report.pdf").read_bytes()
    write_arrays(ready.path / "data" / "origin.npz", square=np.array(False))
    ready.run("python", "-m", "stages.report")
    assert (ready.path / "report" / "report.pdf").read_bytes() != about_the_square

    assert "Where the excess loss comes from" in printed(ready, "beyond")
    (ready.path / "plots" / "excess_sources.csv").write_text("source,excess\n")
    (ready.path / "metrics" / "details" / "excess_sources.json").write_text("{}")
    text = printed(ready, "beyond")
    assert "Where the excess loss comes from" not in text
    assert "A language whose truth is known" in text


@pytest.mark.parametrize(
    ("file", "numbers", "before", "after"),
    [
        ("sample", {"std": 0.575}, "too dense in the middle", "about the right spread"),
        ("steps", {"model_few_std": 0.52}, "Too few steps shrink", "few steps do little harm"),
        (
            "samplers",
            {"only_network": 0.9},
            "here the prior, followed",
            "here the network, followed",
        ),
        (
            "samplers",
            {"inside_matched_denoised": 0.5},
            "End with a denoising step",
            "A final denoising step does not help",
        ),
        (
            "samplers",
            {"without_prior": 0.1},
            "is no larger than that",
            "can still be distinguished",
        ),
        ("attention", {"p_without_needed": 0.9}, "which it falls to", "which it rises to"),
        ("noise", {"largest_difference": 0.1}, "the same to the last bit", "They differ by 0.1"),
        (
            "noise",
            {"stochastic_energy": 0.1},
            "is consistent with the square",
            "can be distinguished from the square",
        ),
        ("sample_conditional", {"paths_inside": 3}, "Yes, all 5 do", "Of the 5, only 3 do"),
        ("sample_conditional", {"spread_exact_1": 0.1}, "no fault of the model", "has 0.10"),
        (
            "evaluate_conditional",
            {"border_standard": 1.0},
            "crowd at the inner",
            "is 1.00 times the true",
        ),
        ("invert", {"restarts_matched": 2}, "all 8 restarts reach", "2 of 8 restarts reach"),
        (
            "attention",
            {"rank_correlation_last": 0.9},
            "do not show what mattered",
            "roughly show what mattered",
        ),
    ],
)
def test_sentences_follow_the_numbers(
    ready: Checkout, file: str, numbers: dict[str, Any], before: str, after: str
) -> None:
    text = printed(ready)
    assert before in text
    assert after not in text
    change(ready.path / "metrics" / "details" / f"{file}.json", **numbers)
    text = printed(ready)
    assert before not in text
    assert after in text


NGRAM = NUMBERS["ngram"]["loss"]


@pytest.mark.parametrize(
    ("losses", "verdict"),
    [
        ([NGRAM - 0.31, NGRAM - 0.3, NGRAM - 0.29], "better, by 0.300 ± 0.025"),
        ([NGRAM + 0.31, NGRAM + 0.3, NGRAM + 0.29], "worse, by 0.300 ± 0.025"),
        ([NGRAM - 0.1, NGRAM, NGRAM + 0.1], "not distinguishable (difference 0.00 ± 0.25)"),
        ([], "not distinguishable by one seed (difference −0.192)"),
    ],
)
def test_a_comparison_follows_the_seeds(
    ready: Checkout, losses: list[float], verdict: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ready.path)
    rows = [("gpt", i, "loss", loss, LOSS.hash()) for i, loss in enumerate(losses)]
    write_table(TABLE, HEADER, rows)
    text = printed(ready)
    assert f"Compared with an n-gram model, it is {verdict}" in text
    assert f"model, the GPT is {verdict}" in text
    assert ("One seed cannot say" in text) == (not losses)


@pytest.mark.parametrize(
    ("file", "old", "new", "before", "after"),
    [
        ("plots/language_contexts.csv", "0.9,", "0.4,", "in all 2 groups", "in 1 of the 2 groups"),
        ("plots/scaling_laws.csv", "0.4,", "0.25,", "The larger exponent is", "exponents overlap"),
        ("plots/scaling_laws.csv", "gpt,0.1", "gpt,-0.5", "shows no change", "rises"),
        ("plots/scaling_tokens.csv", "1.0,", "0.6,", "at none of these", "at 20,000 tokens, and"),
    ],
)
def test_sentences_of_the_second_document(
    ready: Checkout, file: str, old: str, new: str, before: str, after: str
) -> None:
    text = printed(ready, "beyond")
    assert before in text
    assert after not in text
    edit(ready.path / file, old, new)
    assert after in printed(ready, "beyond")


@pytest.mark.parametrize(("change", "verdict"), [(-4e-4, "better"), (2e-4, "worse")])
def test_parts_of_the_excess_loss_follow_the_seeds(
    ready: Checkout, change: float, verdict: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ready.path)
    means = {"trained": 1e-3, "averaged": 5e-4, "symmetric": 1e-3 + change, "fresh": 1e-4}
    rows = [
        (quantity.model, seed, quantity.name, means[quantity.name] + seed * 1e-5, quantity.hash())
        for quantity in excess_sources.HEADLINES.quantities
        for seed in range(3)
    ]
    write_table(TABLE, HEADER, rows)
    text = printed(ready, "beyond")
    assert f"{verdict}, by ({abs(change) * 1e4:.2f}" in text
    assert f"{-change / 1.01e-3:.0%}".replace("-", "−") in text, "the share of the training"
    assert ("its part is below zero" in text) == (verdict == "worse")


@pytest.mark.parametrize(
    ("document", "figures"), [("report", "report.typ"), ("beyond", "beyond/language.typ")]
)
def test_what_a_pdf_reader_is_told(ready: Checkout, document: str, figures: str) -> None:
    ready.set("report.author", "A. Liddell, alice")
    assert "A. Liddell, alice" in printed(ready, document)
    pdf = PdfReader(ready.path / "report" / f"{document}.pdf")
    assert pdf.metadata.title.startswith("Looking Glass")
    assert pdf.metadata.author == "A. Liddell, alice"
    assert "diffusion models" in pdf.metadata["/Keywords"]
    assert pdf.metadata.creation_date is None
    source = (ready.path / "report" / figures).read_text()
    objects = (pdf.get_object(number) for number in range(1, pdf.trailer["/Size"]))
    alts = [thing["/Alt"] for thing in objects if isinstance(thing, dict) and "/Alt" in thing]
    assert len(alts) >= source.count("#plot(")


def test_the_eleventh_page(ready: Checkout) -> None:
    for figure in (ready.path / "plots").glob("*.svg"):
        edit(figure, 'height="100"', 'height="400"')
    assert re.search(r"it has \d\d pages; at most 10 are allowed", complaint(ready))


def test_tools_of_ones_own(ready: Checkout) -> None:
    """A section that the user wrote is printed; an error in it is reported with its location."""
    path = ready.path / "report" / "tools.typ"
    assert "wrote a draft" not in printed(ready)
    comment = path.read_text()
    path.write_text(f"{comment}\n= Tools\n\n*One* wrote a draft of `f(x)` @ho2022.\n")
    assert re.search(r"Tools One wrote a draft of f\(x\) \[\d\]\.", printed(ready))
    (ready.path / "report" / "report.pdf").unlink()
    path.write_text("= Tools\n\nOne #wrote a draft.")
    assert complaint(ready) == "report/tools.typ:3:5: unknown variable: wrote\n"
    path.write_text("= Tools @nobody")
    assert complaint(ready).startswith("report/tools.typ:1:8: label `<nobody>` does not exist")
    path.write_bytes(b"caf\xe9")
    assert complaint(ready) == "report/tools.typ: not UTF-8 text (byte 3)\n"


def test_missing_figure(ready: Checkout) -> None:
    (ready.path / "plots" / "seeds.svg").unlink()
    assert "plots/seeds.svg" in complaint(ready)


def test_damaged_figure(ready: Checkout) -> None:
    (ready.path / "plots" / "seeds.svg").write_text(CONTENT[".svg"][:60])
    assert complaint(ready).startswith("plots/seeds.svg:1:0: failed to parse SVG")


def test_missing_file_of_metrics(ready: Checkout) -> None:
    (ready.path / "metrics" / "details" / "sample.json").unlink()
    assert "metrics/details/sample.json" in complaint(ready)


def test_missing_metric(ready: Checkout) -> None:
    path = ready.path / "metrics" / "details" / "sample.json"
    numbers = json.loads(path.read_text())
    del numbers["std"]
    path.write_text(json.dumps(numbers))
    assert "/metrics/details/sample.json has no std" in complaint(ready)


@pytest.mark.parametrize("value", ["NaN", "null", '"many"'])
def test_a_metric_that_is_not_a_number(ready: Checkout, value: str) -> None:
    path = ready.path / "metrics" / "details" / "sample.json"
    numbers = json.loads(path.read_text()) | {"std": 7.125}
    path.write_text(json.dumps(numbers).replace("7.125", value))
    message = complaint(ready)
    assert re.search(
        r"metrics/details/sample\.json.*(expected value|std is no number)|not a number", message
    )


def test_a_compiler_warning(ready: Checkout) -> None:
    edit(ready.path / "report" / "style.typ", "Libertinus Serif", "No Such Font")
    assert "unknown font family" in complaint(ready)
