"""Whatever is typed into params.yaml, it is valid or each problem gets one clear line."""

import itertools
import math
import os
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from lab.core.params import read
from lab.core.yaml12 import dump
from lookingglass.errors import InputError
from tests.conftest import ROOT
from tools.check import main

TEXT = (ROOT / "params.yaml").read_text(encoding="utf-8")
GOOD = read(ROOT / "params.yaml")
KEYS = [(section, key) for section, values in GOOD.items() for key in values]
LINES = TEXT.splitlines(keepends=True)


TIMES = int(os.environ.get("EXAMPLES_TIMES", "1"))  # `make test-long` tries 20 times as many


def trying(examples: int) -> settings:
    return settings(
        max_examples=examples * TIMES,
        derandomize=True,  # every run tries the same examples
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )


scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(-3, 3),
    st.integers(10**6, 10**30),
    st.floats(),
    st.sampled_from([math.nan, math.inf, -math.inf, 1e300, -0.0, 0.5]),
    st.text(max_size=20),
    st.sampled_from(["", " ", "off", "010", "12:30", "cpu", "full", "heun", "\ud7ff", "é"]),
)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def verdict(text: str) -> str | None:
    """What `python -m tools.check` says about this text; None if it is valid."""
    Path("params.yaml").write_bytes(text.encode("utf-8", errors="surrogatepass"))
    try:
        main()
    except InputError as error:
        for line in str(error).splitlines():
            assert line.startswith("params.yaml: ")
            assert line.isprintable()
            assert len(line) < 600
        return str(error)
    return None


@trying(250)
@given(st.sampled_from(KEYS), values)
def test_any_value(place: tuple[str, str], value: Any) -> None:
    """The message about a bad value names its key."""
    section, key = place
    found = verdict(dump(GOOD | {section: GOOD[section] | {key: value}}))
    if found is not None:
        assert all(line.startswith(f"params.yaml: {section}.") for line in found.splitlines())


@trying(60)
@given(st.sampled_from(sorted(GOOD)), values)
def test_any_section(section: str, value: Any) -> None:
    found = verdict(dump(GOOD | {section: value}))
    if not isinstance(value, dict):
        assert found is not None


@trying(60)
@given(st.text(min_size=1, max_size=12), values)
def test_an_unknown_section(name: str, value: Any) -> None:
    if name not in GOOD:
        assert "unknown section" in str(verdict(dump(GOOD | {name: value})))


@trying(60)
@given(st.sampled_from(KEYS), st.booleans())
def test_a_missing_key_or_section(place: tuple[str, str], whole: bool) -> None:
    section, key = place
    rest = {name: value for name, value in GOOD[section].items() if name != key}
    document = {**GOOD, section: rest}
    if whole:
        del document[section]
    found = str(verdict(dump(document)))
    assert f"params.yaml: {section}" in found
    assert "missing" in found


@trying(150)
@given(
    st.integers(0, len(LINES) - 1),
    st.sampled_from(["delete", "twice", "tab", "bom", "cut", "dash", "colon", "quote", "nul"]),
)
def test_any_slip_of_the_hand(place: int, slip: str) -> None:
    """A line deleted, doubled, cut short or indented with a tab, or a stray character in it."""
    line = LINES[place]
    verdict(
        "".join(LINES[:place])
        + {
            "delete": "",
            "twice": 2 * line,
            "tab": "\t" + line,
            "bom": "\ufeff" + line,
            "cut": line[: len(line) // 2],
            "dash": "- " + line,
            "colon": line.replace("\n", ":\n"),
            "quote": line.replace(": ", ': "', 1),
            "nul": line[:3] + "\0" + line[3:],
        }[slip]
        + "".join(LINES[place + 1 :])
    )


@trying(100)
@given(st.text(max_size=60))
@example("")
@example("\ufeff" + TEXT)
@example("?")
@example("3: 4")
@example("[a]: 4")
@example("a: &a [*a]")
@example("a: !!python/object/apply:os.system [true]")
@example("a: " + "[" * 3000)
def test_any_text(text: str) -> None:
    verdict(text)


def typed(section: str, key: str, text: str) -> str:
    """The file with this text after the key, in place of its value."""
    pattern = rf"(^{section}:.*?^  {key}:)[^\n]*(\n(    |  -)[^\n]*)*"
    found, count = re.subn(pattern, lambda m: f"{m[1]} {text}", TEXT, count=1, flags=re.M | re.S)
    assert count == 1
    return found


words = st.one_of(
    st.sampled_from(["off", "010", "12:30", "1_000", "yes", "~", "0o17", "", "x", "''", "[]", "=",
                     "+_", "._", "0x_", "2001-13-01", "2001-01-01T00:00:00+99:99", "1e400", "3e-9",
                     ".nan", "-.inf", "-0", "*a", "&a 3", "<<", "? a", "- 1", "|", ">-", "{",
                     "a: b", '"\\ud800"', "\t3", "3 # as it was", "%YAML 1.1", "---", "...",
                     "\ufeff3"]),
    st.builds(
        lambda sign, base, digits, count: sign + base + digits * count,
        st.sampled_from(["", "-", "+"]), st.sampled_from(["", "0x", "0o", "0b", "1e", "0."]),
        st.sampled_from("019af_"), st.sampled_from([1, 5, 400, 4301, 9000]),
    ),
    st.text(alphabet="0123456789abefxo_+-.:!&*[]{}#|>'\" \t~<=?,", max_size=12),
)  # fmt: skip
tags = st.sampled_from(["bool", "int", "float", "null", "str", "seq", "map", "set", "omap", "pairs",
                        "binary", "timestamp", "merge", "python/name:os.system"])  # fmt: skip


@trying(300)
@given(st.sampled_from(KEYS), words)
def test_whatever_is_typed_after_a_key(place: tuple[str, str], text: str) -> None:
    """Among others, words that mean something else in YAML 1.1."""
    verdict(typed(*place, text))


@trying(60)
@given(st.sampled_from(KEYS), st.sampled_from(["off", "010", "12:30", "y", "yes", "~", "0o17"]))
def test_words_of_yaml_1_1(place: tuple[str, str], word: str) -> None:
    found = verdict(typed(*place, word))
    if found is not None:  # it names that section, or another key that must agree with this one
        assert found.startswith("params.yaml: ")
        assert place[0] in found


@trying(100)
@given(st.sampled_from(KEYS), tags, words)
@example(("schedule", "rate"), "bool", "x")
@example(("schedule", "rate"), "int", "''")
def test_a_tag(place: tuple[str, str], tag: str, text: str) -> None:
    assert verdict(typed(*place, f"!!{tag} {text}")) is not None


@trying(60)
@given(st.sampled_from(KEYS), st.sampled_from(["[]", "{}"]), st.sampled_from([9, 99, 999, 99_999]))
def test_deep_nesting(place: tuple[str, str], signs: str, depth: int) -> None:
    opened = signs[0] if signs == "[]" else "{a: "
    for closed in ("", signs[1] * depth):
        assert verdict(typed(*place, opened * depth + closed)) is not None


def test_aliases_of_aliases() -> None:
    """Eight lines that would expand to millions of values."""
    lines = ["a: &a [x, x, x, x, x, x, x, x, x, x]"]
    for last, name in itertools.pairwise("abcdefgh"):
        lines.append(f"{name}: &{name} [{', '.join(10 * [f'*{last}'])}]")
    found = verdict("\n".join(lines))
    assert found == "params.yaml: line 2: *a: an alias; write the value itself"


@trying(100)
@given(st.sampled_from(sorted(GOOD)), st.one_of(st.text(max_size=300), scalars), values)
@example("schedule", "a\nb", 3)
def test_an_unknown_key(section: str, key: Any, value: Any) -> None:
    if key not in GOOD[section]:
        found = str(verdict(dump(GOOD | {section: GOOD[section] | {key: value}})))
        assert "unknown key" in found or not isinstance(key, str)


@trying(60)
@given(st.integers(-1, 10_001))
@example(7)
@example(8)
@example(256)
@example(257)
def test_fast_is_among_the_evaluations(fast: int) -> None:
    """Below the fewest evaluations there is no sampler to name; above the most, none was tried."""
    found = verdict(typed("samplers", "fast", str(fast)))
    expected = f"params.yaml: samplers.fast = {fast}: must be from 8 to 256, the least and the most"
    assert (found is None) == (8 <= fast <= 256)
    assert found is None or found == f"{expected} evaluations"


@trying(40)
@given(st.integers(0, 10), st.one_of(st.integers(-3, 9), st.sampled_from([0.5, 99.5, -0.0])))
@example(0, 5)
def test_the_class_of_a_point(place: int, number: float) -> None:
    points = [list(point) for point in GOOD["likelihood"]["points"]]
    points[place][2] = number
    found = verdict(dump(GOOD | {"likelihood": GOOD["likelihood"] | {"points": points}}))
    assert (found is None) == (number in range(5))
    if found is not None:
        assert found.startswith(f"params.yaml: likelihood.points.{place} = ")
        assert found.endswith("must be one of 0 to 4, the classes of classes.regions")


def test_as_it_is() -> None:
    assert verdict(TEXT) is None
