"""Whatever is typed into params.yaml, it can run or is refused in so many lines."""

import math
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from lookingglass.errors import InputError
from lookingglass.params import read
from stages.check import main
from tests.conftest import ROOT

TEXT = (ROOT / "params.yaml").read_text(encoding="utf-8")
GOOD = read(ROOT / "params.yaml")
KEYS = [(section, key) for section, values in GOOD.items() for key in values]
LINES = TEXT.splitlines(keepends=True)


def trying(examples: int) -> settings:
    return settings(
        max_examples=examples,
        derandomize=True,  # CI tries the same every time
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
    """What `python -m stages.check` says of a file; nothing if it is all right."""
    Path("params.yaml").write_bytes(text.encode("utf-8", errors="surrogatepass"))
    try:
        main()
    except InputError as error:
        for line in str(error).splitlines():
            assert line.startswith("params.yaml: ")
            assert len(line) < 600
        return str(error)
    return None


def written(document: dict[str, Any]) -> str:
    YAML(typ="safe").dump(document, Path("written.yaml"))
    return Path("written.yaml").read_text(encoding="utf-8")


@trying(250)
@given(st.sampled_from(KEYS), values)
def test_any_value(place: tuple[str, str], value: Any) -> None:
    """A value that is refused is refused by its key's name."""
    section, key = place
    found = verdict(written(GOOD | {section: GOOD[section] | {key: value}}))
    if found is not None:
        assert all(line.startswith(f"params.yaml: {section}.") for line in found.splitlines())


@trying(60)
@given(st.sampled_from(sorted(GOOD)), values)
def test_any_section(section: str, value: Any) -> None:
    found = verdict(written(GOOD | {section: value}))
    if not isinstance(value, dict):
        assert found is not None


@trying(60)
@given(st.text(min_size=1, max_size=12), values)
def test_an_unknown_section(name: str, value: Any) -> None:
    if name not in GOOD:
        assert "unknown section" in str(verdict(written(GOOD | {name: value})))


@trying(60)
@given(st.sampled_from(KEYS), st.booleans())
def test_what_is_missing(place: tuple[str, str], whole: bool) -> None:
    section, key = place
    rest = {name: value for name, value in GOOD[section].items() if name != key}
    document = {**GOOD, section: rest}
    if whole:
        del document[section]
    found = str(verdict(written(document)))
    assert f"params.yaml: {section}" in found
    assert "missing" in found


@trying(150)
@given(
    st.integers(0, len(LINES) - 1),
    st.sampled_from(["delete", "twice", "tab", "bom", "cut", "dash", "colon", "quote", "nul"]),
)
def test_any_slip_of_the_hand(place: int, slip: str) -> None:
    """A line lost, doubled or indented by a tab, and signs where they should not be."""
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
@example("a: &a [*a]")
@example("a: !!python/object/apply:os.system [true]")
@example("a: " + "[" * 3000)
def test_any_text(text: str) -> None:
    verdict(text)


@trying(60)
@given(st.sampled_from(KEYS), st.sampled_from(["off", "010", "12:30", "1_000", "yes", "~", "0o17"]))
def test_words_of_yaml_1_1(place: tuple[str, str], word: str) -> None:
    """They are what YAML 1.2, and DVC, take them for."""
    section, key = place
    pattern = rf"(^{section}:.*?^  {key}:)[^\n]*(\n(    |  -)[^\n]*)*"
    text, count = re.subn(pattern, rf"\g<1> {word}", TEXT, count=1, flags=re.M | re.S)
    assert count == 1
    found = verdict(text)
    if found is not None:
        assert f"params.yaml: {section}" in found


def test_as_it_is() -> None:
    assert verdict(TEXT) is None
