"""A sentence painted token by token: each on a ground of its own colour, its blanks kept.

All measures are in points, y upwards from 0 at the top of the page, so below it all is negative.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.patches import Rectangle
from matplotlib.textpath import text_to_path

from stages.figures.style import new_figure

GAP = 0.5  # between grounds: neighbours of one colour stay two
SMALL = 0.8  # the size of small text, in font sizes


@dataclass(frozen=True)
class Piece:
    """A token where it stands: its visible text, and where that begins; its ground; its line."""

    text: str
    begin: float
    left: float
    width: float
    line: int


@dataclass(frozen=True)
class Page:
    """A figure as wide as the text, whose height is known when all is on it."""

    figure: Figure
    axes: Axes
    width: float
    size: float


def new_page() -> Page:
    """An empty page; `close` gives it its height."""
    figure = new_figure(height=1)
    figure.set_layout_engine("none")
    axes = figure.add_axes((0, 0, 1, 1))
    axes.axis("off")
    return Page(figure, axes, 72 * figure.get_figwidth(), FontProperties().get_size_in_points())


def close(page: Page, y: float) -> None:
    """End the page at y; from now on one unit of its axes is one point."""
    page.figure.set_size_inches(page.width / 72, -y / 72)
    page.axes.set(xlim=(0, page.width), ylim=(y, 0))


@cache
def text_width(text: str, size: float) -> float:
    """From the outlines of the font, without a screen's rounding; blanks at the ends count."""
    font = FontProperties(size=size)

    def width(text: str) -> float:
        return float(text_to_path.get_text_width_height_descent(text, font, ismath=False)[0])

    return width(f"|{text}|") - width("||")


def visible(token: str) -> str:
    """The token with its blanks to be seen, but for a single one before a word."""
    shown = token.replace("\r", "").replace("\n", "↵").replace("\t", "⇥")
    if not shown.strip():
        shown = shown.replace(" ", "␣")
    return "".join(c if c.isprintable() else "\ufffd" for c in shown)


def lay_out(
    tokens: Sequence[str], width: float, size: float, notes: Sequence[Sequence[str]] = ()
) -> list[Piece]:
    """Set the tokens in lines at most `width` wide, which break between words where they can.

    `notes` are rows of small texts, one for each token, to stand under it: it is given their width.
    """
    words: list[list[int]] = []
    for place, token in enumerate(tokens):
        if not words or token[:1].isspace() or tokens[place - 1][-1:].isspace():
            words.append([])
        words[-1].append(place)

    def wide(text: str, place: int) -> float:
        small = (text_width(f" {row[place]} ", SMALL * size) for row in notes)
        return max([text_width(text, size), *small])

    pieces: list[Piece] = []
    left, line = 0.0, 0
    for word in words:
        texts = [visible(tokens[place]) for place in word]
        if left and left + sum(map(wide, texts, word)) > width:
            left, line = 0.0, line + 1
        for text, place in zip(texts, word, strict=True):
            if left and left + wide(text, place) > width:  # a word that is longer than a line
                left, line = 0.0, line + 1
            shown = text if left else text.removeprefix(" ")
            width_here = wide(shown, place)
            begin = left + (width_here - text_width(shown, size)) / 2
            pieces.append(Piece(shown, begin, left, width_here, line))
            left += width_here
    return pieces


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
    tokens: Sequence[str],
    values: Sequence[float],
    colors: ScalarMappable,
    *,
    left: float = 0,
    size: float | None = None,
    box: range = range(0),
    underlined: range = range(0),
    notes: Sequence[Sequence[str]] = (),
) -> float:
    """Paint tokens from (left, y) downwards by their values; gives the y below them.

    NaN and tokens past the last value stay white. The tokens of `box` get a frame.
    """
    size = page.size if size is None else size
    pieces = lay_out(tokens, page.width - left - 1, size, notes)
    ground, step = 1.45 * size, (1.75 + 1.3 * SMALL * len(notes)) * size
    for place, piece in enumerate(pieces):
        x, bottom = left + piece.left, y - piece.line * step - ground
        color = np.ones(4)
        if place < len(values) and not np.isnan(values[place]):
            color = np.asarray(colors.to_rgba(np.asarray(values[place])))
        corner = (x + GAP / 2, bottom)
        page.axes.add_patch(Rectangle(corner, piece.width - GAP, ground, color=color, linewidth=0))
        dark = color[:3] @ (0.299, 0.587, 0.114) < 0.5
        # tokens may hold dollar signs, and are no formulas
        page.axes.text(left + piece.begin, bottom + 0.42 * size, piece.text, fontsize=size,
                       color="white" if dark else "black", parse_math=False)  # fmt: skip
        if place in underlined:
            end = x + piece.width
            page.axes.plot([x, end], [bottom - 1, bottom - 1], color="0.4", linewidth=0.6)
        for row, note in enumerate(notes):
            page.axes.text(x + piece.width / 2, bottom - (row + 1) * 1.05 * SMALL * size,
                           note[place], fontsize=SMALL * size, ha="center")  # fmt: skip
    for line in {pieces[place].line for place in box}:
        framed = [pieces[place] for place in box if pieces[place].line == line]
        blank = text_width(" ", size) if framed[0].text[:1] == " " else 0
        x, end = framed[0].left + blank - 1, framed[-1].left + framed[-1].width + 0.5
        corner = (left + x, y - line * step - ground)
        page.axes.add_patch(Rectangle(corner, end - x, ground, fill=False, linewidth=0.9, zorder=4))
    return y - (pieces[-1].line + 1) * step if pieces else y
