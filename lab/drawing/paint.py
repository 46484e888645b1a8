"""A sentence painted piece by piece: each on a ground of its own colour, its blanks kept.

All measures are in points, y upwards from 0 at the top of the page, so below it all is negative.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
import regex
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.patches import Rectangle
from matplotlib.textpath import text_to_path
from numpy.typing import NDArray

from lab.drawing.bidi import Piece, in_order
from lab.drawing.fonts import families
from lab.drawing.style import new_figure

GAP = 0.5  # between grounds: neighbours of one colour stay two
SMALL = 0.8  # the size of small text, in font sizes


# what no font shows; joiners are needed to shape what is beside them
IGNORED = regex.compile(r"(?V1)[\p{Default_Ignorable_Code_Point}--[\u200c\u200d]]")
CURSIVE = regex.compile(r"(?V1)[\p{Arabic}\p{Syriac}&&\p{L}]")


@dataclass(frozen=True)
class Page:
    """A figure as wide as the text, whose height is known when all is on it."""

    figure: Figure
    axes: Axes
    width: float
    size: float
    fonts: tuple[str, ...]


def new_page(texts: Sequence[str] = ()) -> Page:
    """An empty page for some texts; `close` gives it its height.

    Raises NoFontError if there is no font for them.
    """
    fonts = families("".join(map(visible, texts)))
    figure = new_figure(height=1)
    figure.set_layout_engine("none")
    axes = figure.add_axes((0, 0, 1, 1))
    axes.axis("off")
    size = FontProperties().get_size_in_points()
    return Page(figure, axes, 72 * figure.get_figwidth(), size, fonts)


def close(page: Page, y: float) -> None:
    """End the page at y; from now on one unit of its axes is one point."""
    page.figure.set_size_inches(page.width / 72, -y / 72)
    page.axes.set(xlim=(0, page.width), ylim=(y, 0))


@cache
def text_width(text: str, size: float, fonts: tuple[str, ...] = ("DejaVu Sans",)) -> float:
    """From the outlines of the fonts, without a screen's rounding; blanks at the ends count."""
    font = FontProperties(family=fonts, size=size)

    def width(text: str) -> float:
        return float(text_to_path.get_text_width_height_descent(text, font, ismath=False)[0])

    return width(f"|{text}|") - width("||")


def visible(text: str) -> str:
    """The text with its blanks to be seen, but for a single one before a word."""
    shown = text.replace("\r", "").replace("\n", "↵").replace("\t", "⇥")
    if not shown.strip():
        shown = "␣" * len(shown)
    return "".join(map(visible_character, IGNORED.sub("", shown))) or escaped(text)


def visible_character(character: str) -> str:
    """Itself if it can be seen, a blank for any blank, else its number."""
    if character.isspace():
        return " "
    if character.isprintable() or character in "\u200c\u200d":
        return character
    return escaped(character)


def escaped(text: str) -> str:
    r"""Numbers in place of characters: \x07, \u2060."""
    return "".join(f"\\x{ord(c):02x}" if ord(c) < 256 else f"\\u{ord(c):04x}" for c in text)


def joined(texts: Sequence[str]) -> list[str]:
    """With joiners where pieces meet in a cursive word, so that its letters keep their forms."""
    found = list(texts)
    for place, (text, following) in enumerate(pairwise(texts)):
        if CURSIVE.match(text[-1:]) and CURSIVE.match(following[:1]):
            found[place] += "\u200d"
            found[place + 1] = "\u200d" + found[place + 1]
    return found


def lay_out(
    texts: Sequence[str],
    width: float,
    size: float,
    notes: Sequence[Sequence[str]] = (),
    fonts: tuple[str, ...] = ("DejaVu Sans",),
) -> list[Piece]:
    """Set texts in lines at most `width` wide, which break between words where they can.

    `notes` are rows of small texts, one for each text, to stand under it: it is given their width.
    """
    shown = joined([visible(text) for text in texts])
    words: list[list[int]] = []
    for place, text in enumerate(texts):
        if not words or text[:1].isspace() or texts[place - 1][-1:].isspace():
            words.append([])
        words[-1].append(place)

    def wide(text: str, place: int) -> float:
        small = (text_width(f" {row[place]} ", SMALL * size) for row in notes)
        return max([text_width(text, size, fonts), *small])

    pieces: list[Piece] = []
    left, line = 0.0, 0
    for word in words:
        if left and left + sum(wide(shown[place], place) for place in word) > width:
            left, line = 0.0, line + 1
        for place in word:
            if left and left + wide(shown[place], place) > width:  # a word longer than a line
                left, line = 0.0, line + 1
            text = shown[place] if left else shown[place].removeprefix(" ")
            width_here = wide(text, place)
            begin = left + (width_here - text_width(text, size, fonts)) / 2
            pieces.append(Piece(text, begin, left, width_here, line))
            left += width_here
    return in_order(pieces, width)


def heading(page: Page, y: float, text: str, colors: ScalarMappable) -> float:
    """A line of text at y, and at its right the bar of the colours below it; gives the next y."""
    height = 2.9 * page.size
    page.axes.text(0, y - 1.2 * page.size, text, va="center", parse_math=False)
    place = (0.72 * page.width, y - 1.5 * page.size, 0.25 * page.width, 0.6 * page.size)
    bar = page.axes.inset_axes(place, transform=page.axes.transData)
    page.figure.colorbar(colors, cax=bar, orientation="horizontal")
    bar.tick_params(length=2, pad=1, labelsize=SMALL * page.size)
    bar.locator_params(nbins=4)
    return y - height


def sentence(
    page: Page,
    y: float,
    texts: Sequence[str],
    values: Sequence[float] | NDArray[Any],
    colors: ScalarMappable,
    *,
    left: float = 0,
    size: float | None = None,
    box: range = range(0),
    underlined: range = range(0),
    notes: Sequence[Sequence[str]] = (),
) -> float:
    """Paint texts from (left, y) downwards by their values; gives the y below them.

    NaN and texts past the last value stay white. The texts of `box` get a frame.
    """
    size = page.size if size is None else size
    pieces = lay_out(texts, page.width - left - 1, size, notes, page.fonts)
    ground, step = 1.45 * size, (1.75 + 1.3 * SMALL * len(notes)) * size
    for place, piece in enumerate(pieces):
        x, bottom = left + piece.left, y - piece.line * step - ground
        color = np.ones(4)
        if place < len(values) and not np.isnan(values[place]):
            color = np.asarray(colors.to_rgba(np.asarray(values[place])))
        corner = (x + GAP / 2, bottom)
        page.axes.add_patch(Rectangle(corner, piece.width - GAP, ground, color=color, linewidth=0))
        dark = color[:3] @ (0.299, 0.587, 0.114) < 0.5
        # texts may hold dollar signs, and are no formulas
        page.axes.text(left + piece.begin, bottom + 0.42 * size, piece.text, fontsize=size,
                       fontfamily=page.fonts, color="white" if dark else "black",
                       parse_math=False)  # fmt: skip
        if place in underlined:
            end = x + piece.width
            page.axes.plot([x, end], [bottom - 1, bottom - 1], color="0.4", linewidth=0.6)
        for row, note in enumerate(notes):
            page.axes.text(x + piece.width / 2, bottom - (row + 1) * 1.05 * SMALL * size,
                           note[place], fontsize=SMALL * size, ha="center")  # fmt: skip
    for line in {pieces[place].line for place in box}:
        framed = [pieces[place] for place in box if pieces[place].line == line]
        first = framed[0]
        blank = text_width(" ", size) if first.text[:1] == " " else 0
        x = min(piece.left for piece in framed) - 1
        end = max(piece.left + piece.width for piece in framed) + 0.5
        if first.to_left:
            end -= blank
        else:
            x += blank
        corner = (left + x, y - line * step - ground)
        page.axes.add_patch(Rectangle(corner, end - x, ground, fill=False, linewidth=0.9, zorder=4))
    return y - (pieces[-1].line + 1) * step if pieces else y
