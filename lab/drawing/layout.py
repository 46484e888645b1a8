"""Where each piece of a text stands on a page: how wide it is, and in which line.

All measures are in points.
"""

from collections.abc import Sequence
from functools import cache
from itertools import pairwise

import regex
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import text_to_path

from lab.drawing.bidi import Piece, in_order

SMALL = 0.8  # the size of small text, as a fraction of the font size

# invisible in every font; but joiners shape the letters next to them
IGNORED = regex.compile(r"(?V1)[\p{Default_Ignorable_Code_Point}--[\u200c\u200d]]")
CURSIVE = regex.compile(r"(?V1)[\p{Arabic}\p{Syriac}&&\p{L}]")


@cache
def text_width(text: str, size: float, fonts: tuple[str, ...] = ("DejaVu Sans",)) -> float:
    """The width of a text, from the fonts' outlines: no rounding to pixels; outer blanks count."""
    font = FontProperties(family=fonts, size=size)

    def width(text: str) -> float:
        return float(text_to_path.get_text_width_height_descent(text, font, ismath=False)[0])

    return width(f"|{text}|") - width("||")


def visible(text: str) -> str:
    """The text with its whitespace made visible, except a single space before a word."""
    shown = text.replace("\r", "").replace("\n", "↵").replace("\t", "⇥")
    if not shown.strip():
        shown = "␣" * len(shown)
    return "".join(map(visible_character, IGNORED.sub("", shown))) or escaped(text)


def visible_character(character: str) -> str:
    """The character itself if it is visible, a space for any whitespace, else its code."""
    if character.isspace():
        return " "
    if character.isprintable() or character in "\u200c\u200d":
        return character
    return escaped(character)


def escaped(text: str) -> str:
    r"""The codes of the characters: \x07, \u2060."""
    return "".join(f"\\x{ord(c):02x}" if ord(c) < 256 else f"\\u{ord(c):04x}" for c in text)


def joined(texts: Sequence[str]) -> list[str]:
    """Add joiners where a cursive word is split, so that its letters keep their joined forms."""
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
    """Set texts in lines at most `width` wide, broken between words where possible.

    `notes` are rows of small texts, one per text, that go below it; a text is at least as wide as
    its notes.
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
