"""Tokens that share a character, joined: half a character cannot be painted."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True)
class Pieces:
    """What is painted of some tokens: texts of whole characters, each of one token or several."""

    texts: list[str]
    starts: NDArray[np.int64]
    """The first token of each."""

    def total(self, values: ArrayLike) -> NDArray[np.float64]:
        """Sums over the tokens of each piece: of attention weights and of log-probabilities.

        Attention to a piece is attention to any of its tokens, and the logarithm of a product is
        the sum of logarithms. Values lie along the last axis, and may be of the first tokens only.
        NaN counts as nothing, but a sum of nothing else is NaN.
        """
        values = np.asarray(values, dtype=float)
        starts = self.starts[self.starts < values.shape[-1]]
        total = np.add.reduceat(np.nan_to_num(values), starts, axis=-1)
        known = np.add.reduceat(~np.isnan(values), starts, axis=-1, dtype=int)
        return np.where(known, total, np.nan)

    def mean(self, values: ArrayLike) -> NDArray[np.float64]:
        """Means over the tokens of each piece: of what has no sum, as scores and counts."""
        return self.total(values) / self.total(np.ones_like(np.asarray(values, dtype=float)))

    def of(self, tokens: range) -> range:
        """The pieces that have any of these tokens."""
        if not tokens:
            return range(0)
        first, last = np.searchsorted(self.starts, (tokens[0], tokens[-1]), side="right")
        return range(int(first) - 1, int(last))


def join(texts: Sequence[str]) -> Pieces:
    """From a text for each token: all of its piece's at the first, nothing at the others."""
    starts = [place for place, text in enumerate(texts) if text]
    return Pieces([texts[place] for place in starts], np.array(starts, dtype=np.int64))
