"""Sentences are painted completely, verbatim and within the text's width."""

from itertools import pairwise

import numpy as np
import pytest
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.font_manager import findSystemFonts
from matplotlib.patches import Rectangle

from lab.drawing import fonts
from lab.drawing.fonts import DEJAVU, DEJAVU_MONO, NoFontError, fallbacks, families
from lab.drawing.layout import joined, lay_out, text_width, visible
from lab.drawing.paint import close, new_page, sentence
from lab.drawing.pieces import join
from tests.conftest import ROOT

TOKENS = ["The", " Queen", ",", "\n", "\n", "her", "self", "  ", " was", " $", "x", "_", "$", " é"]


@pytest.fixture(autouse=True)
def at_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)  # whose params.yaml has the style


def test_blanks_are_kept_or_to_be_seen() -> None:
    assert visible(" the") == " the"
    assert visible("\n\n") == "↵↵"
    assert visible("  ") == "␣␣"
    assert visible("a\tb\x07") == "a⇥b\\x07"
    assert visible("\u3000x\u2060") == " x"
    assert visible("\u2060") == "\\u2060"
    assert visible("🕰\ufe0f") == "🕰"


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
    page.figure.canvas.draw()  # "$x_$" is not taken for a formula
    assert [text.get_text() for text in page.axes.texts][9:13] == [" $", "x", "_", "$"]
    assert len(page.axes.lines) == 2


def test_a_page_is_as_wide_as_the_text_and_a_unit_is_a_point() -> None:
    page = new_page()
    close(page, -72)
    assert page.figure.get_size_inches() == pytest.approx([6.5, 1])
    low, high = page.axes.transData.transform([(0, -72), (72, 0)])
    assert high - low == pytest.approx([page.figure.dpi] * 2)


def test_tokens_that_share_a_character_are_one_piece() -> None:
    """Weights and log-probabilities are summed, scores and counts averaged; NaN is ignored."""
    pieces = join(["The", "爱", "", "", "!", "丽", ""])
    assert pieces.texts == ["The", "爱", "!", "丽"]
    values = [np.nan, 1, 2, np.nan, 4, 5, 6]
    assert pieces.total(values) == pytest.approx([np.nan, 3, 4, 11], nan_ok=True)
    assert pieces.total([[1, 1, 1, 1, 1, 1], [0, 1, 2, 3, 4, 5]]) == pytest.approx(
        np.array([[1, 3, 1, 1], [0, 6, 4, 5]])
    )
    assert pieces.mean([1, 2, 3, 4, 5, 6, 8]) == pytest.approx([1, 3, 5, 7])
    assert pieces.of(range(2, 5)) == range(1, 3)
    assert pieces.of(range(1)) == range(1)
    assert pieces.of(range(0)) == range(0)


def test_right_to_left_text() -> None:
    """Words of the other direction form runs of their own; lines start on the text's own side."""
    texts = ["قال", " نعم", " Alice", " said", " 12", "؟", " ثم", " مشى"]
    pieces = lay_out(texts, 1000, 8)
    order = sorted(range(len(texts)), key=lambda place: pieces[place].left)
    assert order == [7, 6, 5, 2, 3, 4, 1, 0]
    assert pieces[0].left + pieces[0].width == pytest.approx(1000)
    assert all(piece.begin == pytest.approx(piece.left) for piece in pieces)
    pieces = lay_out([*texts, *[" and so on"] * 9], 1000, 8)
    order = sorted(range(len(pieces)), key=lambda place: pieces[place].left)
    assert order == [1, 0, 2, 3, 4, 7, 6, 5, *range(8, 17)]
    assert pieces[1].left == 0


def test_letters_of_a_cursive_word_keep_their_forms() -> None:
    joiner = "\u200d"
    assert joined(["قد", "يم", " لا", "x"]) == [f"قد{joiner}", f"{joiner}يم", " لا", "x"]


def test_fonts_of_the_computer_only_where_they_are_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "findSystemFonts", lambda: pytest.fail("searched for fonts"))
    assert families("Alice, Αλίκη, Алиса, أليس, 😀 ↵␣⇥") == ("DejaVu Sans",)
    assert fallbacks("Alice, أليس ↵␣", DEJAVU_MONO) == ([], "")
    monkeypatch.setattr(fonts, "findSystemFonts", lambda: [str(DEJAVU_MONO), __file__])
    assert fallbacks("😀a", DEJAVU_MONO) == ([DEJAVU], "")
    with pytest.raises(NoFontError) as error:
        families("爱丽丝坐在 a")
    assert error.value.says("fig_x") == (
        "Left out: no font on this computer has U+4E1D, U+4E3D, U+5728, U+5750 and 1 more of the "
        "text. Install one that has (for example Noto Sans CJK for Chinese), then run: "
        "dvc repro -f fig_x"
    )


def test_a_font_of_the_computer(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same font is chosen, whatever order they are listed in."""
    found = findSystemFonts()
    chosen = fallbacks("爱", DEJAVU)
    if not chosen[0]:
        pytest.skip("no font here has Chinese characters: on Debian, fonts-noto-cjk")
    monkeypatch.setattr(fonts, "findSystemFonts", lambda: found[::-1])
    assert fallbacks("爱", DEJAVU) == chosen
    assert len(families("爱")) == 2
    page = new_page(["爱"])
    close(page, sentence(page, 0, ["爱"], [1.0], ScalarMappable(Normalize(0, 1), "Blues")))
    page.figure.canvas.draw()  # a missing glyph would give a warning
