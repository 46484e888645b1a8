"""A page that replaces a figure that cannot be made, and says why."""

import textwrap

from lab.drawing.paint import close, new_page
from lab.drawing.style import save


def draw_left_out(name: str, why: str) -> None:
    """Write plots/NAME.png and plots/NAME.svg with one sentence in them."""
    page = new_page()
    text = "\n".join(textwrap.wrap(why, int(page.width / (0.58 * page.size))))
    lines = text.count("\n") + 1
    height = (1.4 * lines + 1) * page.size
    page.axes.text(0, -height / 2, text, va="center", linespacing=1.2, parse_math=False)
    close(page, -height)
    save(page.figure, name)
