"""Paint a sentence piece by piece, each on a background of its own colour.

All measures are in points; y is 0 at the top of the page and negative below.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from lab.drawing.fonts import families
from lab.drawing.layout import SMALL, lay_out, text_width, visible
from lab.drawing.style import new_figure

GAP = 0.5  # between backgrounds, so that neighbours of the same colour stay apart


@dataclass(frozen=True)
class Page:
    """A figure as wide as the text; its height is known once everything is drawn."""

    figure: Figure
    axes: Axes
    width: float
    size: float
    fonts: tuple[str, ...]


def new_page(texts: Sequence[str] = ()) -> Page:
    """An empty page for some texts; `close` sets its height.

    Raises NoFontError if no font has all of their characters.
    """
    fonts = families("".join(map(visible, texts)))
    figure = new_figure(height=1)
    figure.set_layout_engine("none")
    axes = figure.add_axes((0, 0, 1, 1))
    axes.axis("off")
    size = FontProperties().get_size_in_points()
    return Page(figure, axes, 72 * figure.get_figwidth(), size, fonts)


def close(page: Page, y: float) -> None:
    """End the page at y; one unit of its axes is then one point."""
    page.figure.set_size_inches(page.width / 72, -y / 72)
    page.axes.set(xlim=(0, page.width), ylim=(y, 0))


def heading(page: Page, y: float, text: str, colors: ScalarMappable) -> float:
    """A line of text at y, with the colour bar to its right; returns the next y."""
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
    """Paint texts from (left, y) downwards, coloured by value; returns the y below them.

    NaN and texts beyond the last value stay white. The texts in `box` get a frame.
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
        # a dollar sign in the text does not start a formula
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
