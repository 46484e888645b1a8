"""Put the pieces of a line in visual order: Arabic and Hebrew run from right to left."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby


@dataclass(frozen=True)
class Piece:
    """A text in its place: x of its first letter, its background's left end and width, its line."""

    text: str
    begin: float
    left: float
    width: float
    line: int

    @property
    def to_left(self) -> bool | None:
        """Whether it runs from right to left; None if that depends on its neighbours."""
        for character in self.text:
            match unicodedata.bidirectional(character):
                case "R" | "AL":
                    return True
                case "L" | "EN" | "AN":  # numbers run to the right in all scripts
                    return False
        return None


def in_order(pieces: Sequence[Piece], width: float) -> list[Piece]:
    """Reorder the pieces within each line if any of them runs from right to left.

    The text runs in the direction of most of its letters; if that is to the left, lines begin at
    the right end of `width`. Within a line, neighbours of the other direction form a run of their
    own, as in Unicode's bidirectional algorithm.
    """
    kinds = [unicodedata.bidirectional(c) for piece in pieces for c in piece.text]
    backwards = kinds.count("R") + kinds.count("AL")
    if not backwards:
        return list(pieces)
    to_left = backwards > kinds.count("L")
    placed: dict[int, Piece] = {}
    for _, line in groupby(range(len(pieces)), key=lambda place: pieces[place].line):
        places = list(line)
        order = visual_order([pieces[place].to_left for place in places], to_left)
        left = max(0.0, width - sum(pieces[place].width for place in places)) if to_left else 0.0
        for place in (places[i] for i in order):
            piece = pieces[place]
            placed[place] = replace(piece, left=left, begin=piece.begin + left - piece.left)
            left += piece.width
    return [placed[place] for place in range(len(pieces))]


def visual_order(directions: Sequence[bool | None], to_left: bool) -> list[int]:
    """The indices of a line's pieces from left to right."""
    known = list(directions)
    for place, direction in enumerate(directions):
        if direction is None:
            before = next((d for d in reversed(directions[:place]) if d is not None), to_left)
            after = next((d for d in directions[place:] if d is not None), to_left)
            known[place] = before if before == after else to_left
    runs = [list(run) for _, run in groupby(range(len(known)), key=lambda place: known[place])]
    if to_left:
        runs.reverse()
    return [place for run in runs for place in (reversed(run) if known[run[0]] else run)]
