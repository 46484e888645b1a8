"""Means over seeds, paired comparisons and their words, against known values."""

import json
import re
from collections.abc import Callable
from math import inf
from pathlib import Path
from typing import Any

import pytest

from lab.core.artifacts import write_table
from lab.headlines.quantity import (
    HEADER,
    TABLE,
    Fixed,
    Headlines,
    Quantity,
    over_seeds,
    what_the_intervals_are,
)
from lab.headlines.shown import averaged, compared
from lab.seeds.seeds import asked_seed
from lookingglass.comparison import Comparison, compare
from lookingglass.errors import InputError
from tests.conftest import ROOT

GPT = Quantity(
    "metrics.json", "gpt", model="gpt", name="loss", kind="nats", weights="gpt", sections=("a",)
)
OTHER = Quantity(
    "metrics.json", "other", model="other", name="loss", kind="nats", weights="other",
    sections=("a", "b"),
)  # fmt: skip
NGRAM = Fixed("metrics.json", "ngram")
BOTH = Headlines((GPT, OTHER), {"to_ngram": (GPT, NGRAM), "to_other": (GPT, OTHER)})

Write = Callable[..., None]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """A function that writes docs/seeds.csv: values by seed of each model, with current hashes."""
    monkeypatch.chdir(tmp_path)
    Path("params.yaml").write_text("a: {seed: 0}\nb: {seed: 0}\n")
    Path("metrics.json").write_text(json.dumps({"gpt": 5.0, "other": 5.5, "ngram": 5.1}))
    Path("gpt").write_bytes(b"weights")
    Path("other").write_bytes(b"other weights")

    def write(**values: dict[int, float]) -> None:
        named = {"gpt": GPT, "other": OTHER}
        rows = [
            (model, seed, "loss", value, named[model].hash())
            for model, by_seed in values.items()
            for seed, value in by_seed.items()
        ]
        write_table(TABLE, HEADER, rows)

    return write


def test_a_comparison_by_hand() -> None:
    # differences -1, -2, -3: mean -2, standard error 1 / sqrt(3), t(0.95, 2) = 4.30265
    found = compare([1.0, 2.0, 3.0], [2.0, 4.0, 6.0])
    assert found.difference == -2
    assert found.half_width == pytest.approx(4.30265 / 3**0.5, rel=1e-5)
    assert (found.verdict, found.pairs) == ("not distinguishable", 3)  # -2 ± 2.48


def test_pairs_tell_what_means_do_not() -> None:
    """The values of each spread over 8, their differences over 0.2."""
    a, b = [1.0, 5.0, 9.0], [2.0, 6.1, 9.9]
    assert compare(a, b).verdict == "better"
    assert compare(b, a).verdict == "worse"
    assert compare(a, b, lower_is_better=False).verdict == "worse"
    assert compare(a, b[::-1]).verdict == "not distinguishable"


def test_one_seed_distinguishes_nothing_and_equal_values_do_not_differ() -> None:
    assert compare([1.0], [9.0]) == Comparison("not distinguishable", -8.0, inf, 1)
    assert compare([2.0, 2.0], [2.0, 2.0]).verdict == "not distinguishable"
    with pytest.raises(ValueError, match="shorter"):
        compare([1.0, 2.0], [1.0])


@pytest.mark.parametrize(
    ("text", "given"),
    [
        ("5.056 ± 0.012", (5.0561, 0.0123, "nats")),
        ("5.06 ± 0.12", (5.0561, 0.123, "nats")),
        ("5.056 (one seed)", (5.0561, inf, "nats")),
        ("(1.128 ± 0.046)·10⁻³", (1.128e-3, 4.6e-5, "excess")),
        ("1.13·10⁻³ (one seed)", (1.128e-3, inf, "excess")),
        ("0.31 ± 0.12", (0.313, 0.12, "excess")),
        ("99.71 ± 0.12%", (0.99711, 0.0012, "fraction")),
        ("99.7% (one seed)", (0.99711, inf, "fraction")),
        ("7.6 ± 1.1", (7.6, 1.11, "count")),
        ("8 ± 0", (8.0, 0.0, "count")),
        ("5 ± 14", (5.0, 14.3, "nats")),
    ],
)
def test_means_in_words(text: str, given: tuple[Any, ...]) -> None:
    assert averaged(*given) == text


def test_comparisons_in_words() -> None:
    assert compared(Comparison("better", -0.07, 0.012, 5), "nats") == "better, by 0.070 ± 0.012"
    assert (
        compared(Comparison("not distinguishable", -0.07, 0.12, 5), "nats")
        == "not distinguishable (difference −0.07 ± 0.12)"
    )
    assert (
        compared(Comparison("not distinguishable", -0.07, inf, 1), "nats")
        == "not distinguishable by one seed (difference −0.070)"
    )


def test_without_a_table_there_is_one_seed(write: Write) -> None:
    expected = {
        "gpt_loss": {"text": "5.000 (one seed)", "mean": 5.0, "seeds": 1},
        "other_loss": {"text": "5.500 (one seed)", "mean": 5.5, "seeds": 1},
    }
    found = over_seeds(BOTH)
    assert found.items() >= expected.items()
    assert found["to_ngram"]["verdict"] == found["to_other"]["verdict"] == "not distinguishable"
    assert "make seeds" in what_the_intervals_are(found)
    write()  # the header alone
    assert over_seeds(BOTH) == found


def test_pairs_have_the_same_seed_and_an_ngram_has_none(write: Write) -> None:
    write(gpt={0: 5.0, 1: 5.2, 2: 5.1}, other={2: 6.1, 1: 6.1, 7: 1.0})
    found = over_seeds(BOTH)
    assert found["gpt_loss"]["text"] == "5.10 ± 0.25"
    assert found["to_ngram"] == {
        "text": "not distinguishable (difference 0.00 ± 0.25)",
        "verdict": "not distinguishable",
        "seeds": 3,
    }
    assert found["to_other"] == {  # differences -0.9 and -1.0, t(0.95, 1) = 12.706
        "text": "better, by 0.95 ± 0.64",
        "verdict": "better",
        "seeds": 2,
    }
    assert "there are 3" in what_the_intervals_are(found)


@pytest.mark.parametrize("change", ["params", "weights"])
def test_values_of_other_parameters_or_weights_do_not_count(write: Write, change: str) -> None:
    write(gpt={0: 5.0, 1: 5.2}, other={0: 5.4, 1: 5.5})
    assert over_seeds(BOTH)["other_loss"]["seeds"] == 2
    if change == "params":
        Path("params.yaml").write_text("a: {seed: 0}\nb: {seed: 3}\n")
    else:
        Path("other").write_bytes(b"trained again")
    found = over_seeds(BOTH)
    assert found["other_loss"]["text"] == "5.500 (one seed)"
    assert found["to_other"]["seeds"] == 1
    assert found["gpt_loss"]["seeds"] == 2


def test_what_was_left_out_is_missing(write: Write) -> None:
    write()
    Path("metrics.json").write_text(json.dumps({"gpt": 5.0, "ngram": 5.1}))
    assert set(over_seeds(BOTH)) == {"gpt_loss", "to_ngram"}


@pytest.mark.parametrize("damage", ["gpt,x,loss,5,h", "gpt,1,loss,nan,h", "gpt,1", "\udcff"])
def test_a_damaged_table_is_one_line(write: Write, damage: str) -> None:
    write(gpt={0: 5.0})
    with Path(TABLE).open("ab") as file:
        file.write(f"{damage}\n".encode(errors="surrogateescape"))
    with pytest.raises(InputError, match=r"^docs/seeds\.csv: damaged; 'make seeds' writes it"):
        over_seeds(BOTH)


@pytest.mark.parametrize("words", [[], ["x"], ["1", "2"], ["-1"]])
def test_one_seed_is_asked_for(words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["stage", "3"])
    assert asked_seed() == 3
    monkeypatch.setattr("sys.argv", ["stage", *words])
    with pytest.raises(InputError, match=r"give one seed, a whole number from 0$"):
        asked_seed()


def test_no_comparison_of_models_is_written_by_hand() -> None:
    """The templates ask for a comparison or its verdict; they do not say better or worse."""
    places = [*(ROOT / "report").glob("*.typ"), *(ROOT / "report" / "pages").glob("*.j2")]
    for path in (*places, ROOT / "tools" / "summary.py"):
        for line in path.read_text(encoding="utf-8").splitlines():
            if "verdict(" not in line and "A higher fraction is not better" not in line:
                assert not re.search(r"\b(better|worse|beats|outperforms)\b", line), line
