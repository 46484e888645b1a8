"""Fonts for any text: DejaVu Sans, and this computer's fonts for characters that it lacks.

So the bytes of a figure depend on the computer only if its text needs more than DejaVu Sans.
"""

import unicodedata
from functools import cache
from pathlib import Path

import matplotlib as mpl
from matplotlib.font_manager import findSystemFonts, fontManager
from matplotlib.ft2font import FaceFlags, FT2Font, LoadFlags, StyleFlags

FOLDER = Path(mpl.get_data_path(), "fonts", "ttf")
DEJAVU = FOLDER / "DejaVuSans.ttf"
DEJAVU_MONO = FOLDER / "DejaVuSansMono.ttf"
NAMED = 4  # characters named in a message; of the others it gives the number


class NoFontError(Exception):
    """No font on this computer has these characters."""

    def __init__(self, characters: str) -> None:
        super().__init__(characters)
        self.characters = characters

    def says(self, stage: str) -> str:
        """The problem, and what to do about it."""
        points = [f"U+{ord(c):04X}" for c in self.characters]
        more = len(points) - NAMED
        named = ", ".join(points[:NAMED]) + (f" and {more} more" if more > 0 else "")
        return (
            f"Left out: no font on this computer has {named} of the text. Install one that has "
            f"(for example Noto Sans CJK for Chinese), then run: dvc repro -f {stage}"
        )


@cache
def open_font(path: str) -> FT2Font | None:
    """The font, if it is scalable and has real glyphs; else None."""
    try:
        font = FT2Font(path)
    except (OSError, RuntimeError):
        return None
    drawn = FaceFlags.SCALABLE in font.face_flags and "lastresort" not in font.family_name.lower()
    return font if drawn else None


def has(font: FT2Font, character: str) -> bool:
    """Whether a font has an outline for a character: colour emoji fonts have empty ones."""
    index = font.get_char_index(ord(character))
    if not index:
        return False
    font.load_glyph(index, flags=LoadFlags.NO_SCALE)
    return len(font.get_path()[0]) > 0


def upright_first(path: str) -> tuple[bool, str, str]:
    """A sort key, upright fonts first, that does not depend on the system's order of fonts."""
    font = open_font(path)
    slanted = font is None or bool(font.style_flags & (StyleFlags.BOLD | StyleFlags.ITALIC))
    return slanted, Path(path).name, path


def lacks(path: Path, text: str) -> set[str]:
    """The visible characters of a text that a font does not have."""
    font = FT2Font(path)
    visible = {c for c in text if not c.isspace() and unicodedata.category(c)[0] != "C"}
    return {c for c in visible if not has(font, c)}


def fallbacks(text: str, first: Path) -> tuple[list[Path], str]:
    """A small set of fonts for the characters that `first` lacks, and the characters none has."""
    lacking, chosen = lacks(first, text), list[Path]()
    if not lacking:
        return chosen, ""
    # not matplotlib's own list, which is not refreshed when fonts are installed
    paths = [str(DEJAVU), *sorted(findSystemFonts(), key=upright_first)]
    found = {
        path: {c for c in lacking if has(font, c)} for path in paths if (font := open_font(path))
    }
    while lacking:
        best = max(found, key=lambda path: len(found[path] & lacking))  # the first of equals
        if not found[best] & lacking:
            break
        chosen.append(Path(best))
        lacking -= found[best]
    return chosen, "".join(sorted(lacking))


def families(text: str) -> tuple[str, ...]:
    """The font families with which matplotlib can draw a text. Raises NoFontError."""
    paths, lacking = fallbacks(text, DEJAVU)
    if lacking:
        raise NoFontError(lacking)
    for path in paths:
        fontManager.addfont(path)
    return tuple(FT2Font(path).family_name for path in (DEJAVU, *paths))
