"""Words by Unicode's rules (UAX 29), and the tokens that they are made of.

A token may hold the blank before a word, a part of a word, or only a part of a character, so
word boundaries are counted in bytes.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate, pairwise

import regex
from jaxtyping import Int64
from torch import Tensor

from lookingglass.gpt.vocabulary import Vocabulary

# with the flag w, \b is Unicode's default word boundary
BOUNDARY = regex.compile(r"(?w)\b")
# what a word contains, unlike blanks and punctuation
WORDLIKE = regex.compile(r"[\p{L}\p{N}\p{Extended_Pictographic}\p{Regional_Indicator}]")
SENTENCE_END = regex.compile(r"\p{Sentence_Terminal}")


@dataclass(frozen=True)
class Word:
    """A word in the text of some tokens."""

    text: str
    start: int
    """Where it starts in the text, in bytes."""
    stop: int
    """Where it ends: the byte after its last."""
    tokens: range
    """The tokens that hold any of its bytes."""


def word_spans(text: str) -> Iterator[tuple[int, int]]:
    """Where the words of a text start and stop; a word has a letter, a digit or an emoji in it.

    "don't" is one word, "well-known" two. In Chinese and Japanese each ideogram counts as a word,
    in Thai and similar scripts each cluster of letters: finding their words takes a dictionary.
    """
    for start, stop in pairwise(match.start() for match in BOUNDARY.finditer(text)):
        if WORDLIKE.search(text, start, stop):
            yield start, stop


def token_bytes(vocabulary: Vocabulary, ids: Int64[Tensor, " time"]) -> list[bytes]:
    """What each token stands for; it need not be whole characters."""
    return [vocabulary.encoding.decode_single_token_bytes(id) for id in ids.tolist()]


def words(vocabulary: Vocabulary, ids: Int64[Tensor, " time"]) -> list[Word]:
    """The words in the text of `ids`, in order; bytes that are no UTF-8 are in none."""
    pieces = token_bytes(vocabulary, ids)
    spans = list(pairwise(accumulate(map(len, pieces), initial=0)))
    # a byte that is no UTF-8 becomes one character of its own, and that one byte again
    text = b"".join(pieces).decode("utf-8", "surrogateescape")
    found, stop, last = [], 0, 0
    for begin, end in word_spans(text):
        start = stop + len(text[last:begin].encode("utf-8", "surrogateescape"))
        stop, last = start + len(text[begin:end].encode()), end
        holders = [i for i, (first, past) in enumerate(spans) if first < stop and start < past]
        found.append(Word(text[begin:end], start, stop, range(holders[0], holders[-1] + 1)))
    return found
