"""The text of tokens in whole characters: GPT-2's tokens are bytes, and may end within one."""

from dataclasses import dataclass
from itertools import accumulate

import regex
from jaxtyping import Int64
from torch import Tensor

from lookingglass.gpt.vocabulary import Vocabulary
from lookingglass.gpt.words import token_bytes


@dataclass(frozen=True)
class Piece:
    """The fewest tokens whose text is whole characters, with all their accents."""

    text: str
    tokens: range


def shown(data: bytes) -> str:
    r"""Text for people: a byte that is no part of a character shows as \xe4, byte 0 as \x00."""
    return data.decode("utf-8", "backslashreplace").replace("\0", r"\x00")


def token_texts(vocabulary: Vocabulary, ids: Int64[Tensor, " time"]) -> list[str]:
    """The text of each token by itself."""
    return [shown(data) for data in token_bytes(vocabulary, ids)]


def pieces(vocabulary: Vocabulary, ids: Int64[Tensor, " time"]) -> list[Piece]:
    """The text of all tokens, cut wherever a token and a character end together.

    Characters are those that a reader sees (UAX 29's grapheme clusters), so that no accent, vowel
    sign or half of an emoji stands alone.
    """
    parts = token_bytes(vocabulary, ids)
    text = b"".join(parts).decode("utf-8", "surrogateescape")
    characters = (c.encode("utf-8", "surrogateescape") for c in regex.findall(r"\X", text))
    ends = set(accumulate(map(len, characters)))
    found, first, data = [], 0, b""
    for place, end in enumerate(accumulate(map(len, parts))):
        data += parts[place]
        if end in ends:
            found.append(Piece(shown(data), range(first, place + 1)))
            first, data = place + 1, b""
    return found


def first_texts(pieces: list[Piece]) -> list[str]:
    """A text for each token: the piece's at its first token, nothing at the others."""
    return [text for piece in pieces for text in (piece.text, *[""] * (len(piece.tokens) - 1))]


def names(pieces: list[Piece]) -> list[str]:
    """The text of the piece that each token belongs to."""
    return [piece.text for piece in pieces for _ in piece.tokens]
