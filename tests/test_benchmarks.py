"""The benchmarks' document, in which each benchmark writes its own section."""

import pytest

from benchmarks.document import replace_section, table


def test_a_section_replaces_itself_and_nothing_else() -> None:
    text = replace_section("# Benchmarks\n\nBy hand.\n", "first", "old")
    text = replace_section(text, "second", "other") + "\nBelow, by hand.\n"
    changed = replace_section(text, "first", "new")
    assert changed == text.replace("\n\nold\n\n", "\n\nnew\n\n")
    assert changed.startswith("# Benchmarks\n\nBy hand.\n\n<!-- begin first")
    assert changed.endswith("\n\nother\n\n<!-- end second -->\n\nBelow, by hand.\n")
    assert replace_section(changed, "first", "new") == changed


def test_a_section_without_an_end_is_left_alone() -> None:
    text = replace_section("", "first", "body").replace("<!-- end first -->", "")
    with pytest.raises(ValueError, match="without"):
        replace_section(text, "first", "new")


def test_the_ratio_is_theirs_to_ours() -> None:
    *_, last = table([("time", 2.0, 5.0)], "theirs").splitlines()
    assert last.replace(" ", "") == "|time|2|5|2.5|"
