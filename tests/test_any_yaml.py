"""Whatever a YAML file holds, our reader gives the same as DVC's, or refuses it in one line."""

from typing import Any

import pytest
from dvc.utils.serialize import dumps_yaml, parse_yaml
from hypothesis import example, given
from hypothesis import strategies as st

from lab.core.yaml12 import dump, parse
from lookingglass.errors import InputError
from tests.test_any_params import trying, values


def same(one: Any, other: Any) -> bool:
    """Equal in value, type and order; NaN equals NaN, and -0.0 is not 0.0."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return list(one) == list(other) and same(list(one.values()), list(other.values()))
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    return one.hex() == other.hex() if isinstance(one, float) else one == other


def agree_or_refuse(text: str) -> None:
    try:
        ours = parse(text, "params.yaml")
    except InputError as error:
        refusal = str(error)
    else:
        theirs = parse_yaml(text, "params.yaml")  # the test fails if DVC refuses what we read
        assert same(ours or {}, theirs), (ours, theirs)  # DVC turns every false value into {}
        return
    assert refusal.startswith("params.yaml: ")
    assert refusal.isprintable()
    assert len(refusal) < 300


FRAMES = ["a: {}", "a:\n  {}\n", "- {}", "[{}]", "{{a: {}}}", "{}: 1", "? {}\n: 1", "a: {} # x",
          "a: '{}'", 'a: "{}"', "a: |\n  {}", "a: >\n  {}\n  x"]  # fmt: skip
PIECES = st.sampled_from([
    *"019_.-+eExob:,[]{}?!&*#|>'\"%@`~<=/\\anNyT \t\n\r\x85\u2028\u2029\xa0\ufeff\0\x07\x7f😀",
    "\n  ", "\n- ", ": ", "- ", "? ", " #", "\r\n", "null", "true", "off", "inf", ".nan", "-.inf",
    "<<", "0x", "0o", "0b", "2001-01-01", "--- ", "...\n", "%YAML 1.1\n", "%TAG ! x\n", "'a'",
    '"a"', "a: ", "b: ", "[a, ", "{a: ", "|\n ", ">-\n ", "\\u0041", "\\x", "\\/", "\\N", "\\ud800",
])  # fmt: skip


@trying(1500)
@given(st.text("0123456789_.+-eExobafnTZ: \tiI", max_size=12), st.sampled_from(FRAMES[:8]))
@example("1_000", FRAMES[0])
@example("0b11", FRAMES[0])
@example("-0x10", FRAMES[0])
@example("+0o7", FRAMES[0])
@example("+.5e3", FRAMES[0])
@example("+_", FRAMES[0])
@example("010", FRAMES[0])
@example("2001-01-01", FRAMES[0])
@example("2001-1-1 1:00:00", FRAMES[0])
@example("=", FRAMES[0])
@example("0?", FRAMES[3])
@example("x:1", FRAMES[4])
@example("1", FRAMES[5])
def test_any_scalar(scalar: str, frame: str) -> None:
    agree_or_refuse(frame.format(scalar))


@trying(1000)
@given(st.lists(PIECES, max_size=10).map("".join), st.sampled_from(["{}", *FRAMES]))
@example("a: 1\nb: 2\na: 3", "{}")
@example("{a: 1, 'a': 2}", "{}")
@example("<<: {a: 1}", "{}")
@example("[a]: 1", "{}")
@example("a:\t1", "{}")
@example("%YAML 1.1\n---\na: off", "{}")
@example("--- 1\n--- 2", "{}")
@example("a: !%E2%80%8B" + "x" * 999 + " 1", "{}")
def test_any_document(text: str, frame: str) -> None:
    agree_or_refuse(frame.format(text))


@trying(300)
@given(st.dictionaries(st.text(max_size=90), values, max_size=5))
@example({"1e3": "0o17", "off": "1_000", "a": "1e-3", "b": 1e-5, "c": "x " * 90})
def test_what_is_written_is_read_again(document: dict[str, Any]) -> None:
    text = dump(document)
    assert same(parse(text, "params.yaml"), document)
    assert same(parse_yaml(text, "params.yaml"), document)


@trying(500)
@given(
    st.builds(str.__add__, st.sampled_from(["", "0b", "1e", "0"]), st.text("01e8bf", max_size=30))
)
@example("0bcb9e2d59ac11991c99f4bcc55aebcb")
@example("12345678e90123456789012345678901")
@example("01234567890123456789012345678901")
def test_a_hash_that_dvc_writes_is_text(md5: str) -> None:
    assert parse(dumps_yaml({"md5": md5}), "dvc.lock") == {"md5": md5}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: 1_000", "line 1: 1_000: write 1000, or quote it if it is meant as text"),
        ("a: 0b11", "line 1: 0b11: write 3, or quote it if it is meant as text"),
        ("a: -0x10", "line 1: -0x10: write -16, or quote it if it is meant as text"),
        ("a: .5e3", "line 1: .5e3: write 0.5e3, or quote it if it is meant as text"),
        ("a:\n- 2001-01-01", "line 2: 2001-01-01: quote it if it is meant as text"),
        ("<<: {a: 1}", "line 1: <<: a merge key; write the keys themselves"),
        ("{x:1}", "line 1: 'x:1': write a space after the colon, or quote it if it is text"),
        ("a: [x?]", "line 1: 'x?': quote it if it is text"),
        ("a: 1\na: 2", "line 2: 'a': given twice in one mapping; keep one of the two"),
        ("a: {3: 4}", "line 1: a key that is not text; quote it"),
        ("a: *b", "line 1: *b: an alias; write the value itself"),
        ("a: !!int 1", "line 1: '!!int': a tag; write the value without it"),
        ("[" * 99, "line 1: nested more than 20 levels deep"),
        ("--- 1\n--- 2", "line 2: but found another document"),
        ("a: " + "9" * 9000, "cannot be read: Exceeds the limit (4300 digits)"),
    ],
)
def test_what_is_refused_and_what_to_write(text: str, problem: str) -> None:
    with pytest.raises(InputError) as error:
        parse(text, "params.yaml")
    assert str(error.value).startswith(f"params.yaml: {problem}")
