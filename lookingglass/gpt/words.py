"""Words, runs of non-blank characters, and the tokens that they are made of.

A token may hold the blank before a word, a part of a word, or a part of a character only: where
words begin and end is counted in bytes.
"""

import re
from dataclasses import dataclass
from itertools import accumulate, pairwise

from jaxtyping import Int64
from torch import Tensor

from lookingglass.gpt.vocabulary import Vocabulary


@dataclass(frozen=True)
class Word:
    """A run of non-blank characters in the text of some tokens."""

    text: str
    start: int
    """Where it starts in the text, in bytes."""
    stop: int
    """Where it ends: the byte after its last."""
    tokens: range
    """The tokens that hold any of its bytes."""


def words(vocabulary: Vocabulary, ids: Int64[Tensor, " time"]) -> list[Word]:
    """The words in the text of `ids`, in order; bytes that are no UTF-8 count as letters."""
    pieces = [vocabulary.encoding.decode_single_token_bytes(id) for id in ids.tolist()]
    spans = list(pairwise(accumulate(map(len, pieces), initial=0)))
    # a byte that is no UTF-8 becomes one character of its own, and that one byte again
    text = b"".join(pieces).decode("utf-8", "surrogateescape")
    found, stop, last = [], 0, 0
    for match in re.finditer(r"\S+", text):
        word = match.group().encode("utf-8", "surrogateescape")
        start = stop + len(text[last : match.start()].encode("utf-8", "surrogateescape"))
        stop, last = start + len(word), match.end()
        holders = [i for i, (first, end) in enumerate(spans) if first < stop and start < end]
        tokens = range(holders[0], holders[-1] + 1)
        found.append(Word(word.decode("utf-8", "replace"), start, stop, tokens))
    return found
