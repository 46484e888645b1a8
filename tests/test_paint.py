"""Sentences are painted whole, within the text's width, and as they were printed."""

from itertools import pairwise

import numpy as np
import pytest
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.patches import Rectangle

from stages.figures.paint import close, lay_out, new_page, sentence, text_width, visible
from tests.conftest import ROOT

TOKENS = ["The", " Queen", ",", "\n", "\n", "her", "self", "  ", " was", " $", "x", "_", "$", " é"]


@pytest.fixture(autouse=True)
def at_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)  # where params.yaml has the style


def test_blanks_are_kept_or_to_be_seen() -> None:
    assert visible(" the") == " the"
    assert visible("\n\n") == "↵↵"
    assert visible("  ") == "␣␣"
    assert visible("a\tb\x07") == "a⇥b\ufffd"


def test_a_blank_is_as_wide_as_it_is_printed() -> None:
    blank = text_width(" ", 8)
    assert 2 < blank < 3
    assert text_width(" the", 8) == pytest.approx(blank + text_width("the", 8), rel=0.02)
    assert text_width("the", 16) == pytest.approx(2 * text_width("the", 8), rel=0.01)


@pytest.mark.parametrize("width", [30, 60, 100, 1000])
@pytest.mark.parametrize("notes", [[], [["-10.25"] * len(TOKENS)]])
def test_lines_break_between_words_and_keep_all(width: float, notes: list[list[str]]) -> None:
    pieces = lay_out(TOKENS, width, 8, notes)
    assert [p.text.strip() for p in pieces] == [visible(token).strip() for token in TOKENS]
    for before, piece in pairwise(pieces):
        if piece.line == before.line:
            assert piece.left == pytest.approx(before.left + before.width)
        else:
            assert (piece.line, piece.left) == (before.line + 1, 0)
            assert not piece.text.startswith(" ")
    for piece in pieces:
        assert piece.left + piece.width <= width or piece.left == 0
        assert piece.width >= text_width(piece.text, 8)
        assert piece.width >= max((text_width(note[0], 6) for note in notes), default=0)
        centre = piece.begin + text_width(piece.text, 8) / 2
        assert centre == pytest.approx(piece.left + piece.width / 2)
    if width >= 60 and not notes:  # wide enough for each word
        assert all(pieces[i].line == pieces[i - 1].line for i in (2, 6, 10, 11, 12))
    assert (pieces[-1].line == 0) == (width == 1000)


def test_colours_are_those_of_the_values() -> None:
    page = new_page()
    colors = ScalarMappable(Normalize(0, 1), "Blues")
    values = [0.0, 1.0, np.nan, 0.5]
    y = sentence(page, 0, TOKENS, values, colors, box=range(5, 7), underlined=range(2))
    close(page, y)
    patches = [patch for patch in page.axes.patches if isinstance(patch, Rectangle)]
    grounds, boxes = patches[: len(TOKENS)], patches[len(TOKENS) :]
    for ground, value in zip(grounds, values, strict=False):
        expected = (1, 1, 1, 1) if np.isnan(value) else colors.to_rgba(value)
        assert ground.get_facecolor() == pytest.approx(expected)
    assert all(ground.get_facecolor() == (1, 1, 1, 1) for ground in grounds[4:])
    assert len(boxes) == 1
    assert boxes[0].get_width() == pytest.approx(text_width("herself", 8), rel=0.1)
    page.figure.canvas.draw()  # "$x_$" is no formula
    assert [text.get_text() for text in page.axes.texts][9:13] == [" $", "x", "_", "$"]
    assert len(page.axes.lines) == 2


def test_a_page_is_as_wide_as_the_text_and_a_unit_is_a_point() -> None:
    page = new_page()
    close(page, -72)
    assert page.figure.get_size_inches() == pytest.approx([6.5, 1])
    low, high = page.axes.transData.transform([(0, -72), (72, 0)])
    assert high - low == pytest.approx([page.figure.dpi] * 2)
