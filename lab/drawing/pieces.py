"""Join tokens that share a character: half a character cannot be drawn."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True)
class Pieces:
    """Texts of whole characters, each made of one token or several."""

    texts: list[str]
    starts: NDArray[np.int64]
    """The first token of each."""

    def total(self, values: ArrayLike) -> NDArray[np.float64]:
        """Sums over the tokens of each piece, for attention weights and log-probabilities.

        Values lie along the last axis, which may stop before the last token. NaN counts as 0, but
        a sum of nothing but NaN is NaN.
        """
        values = np.asarray(values, dtype=float)
        starts = self.starts[self.starts < values.shape[-1]]
        total = np.add.reduceat(np.nan_to_num(values), starts, axis=-1)
        known = np.add.reduceat(~np.isnan(values), starts, axis=-1, dtype=int)
        return np.where(known, total, np.nan)

    def mean(self, values: ArrayLike) -> NDArray[np.float64]:
        """Means over the tokens of each piece, for attention scores and counts."""
        return self.total(values) / self.total(np.ones_like(np.asarray(values, dtype=float)))

    def of(self, tokens: range) -> range:
        """The pieces that have any of these tokens."""
        if not tokens:
            return range(0)
        first, last = np.searchsorted(self.starts, (tokens[0], tokens[-1]), side="right")
        return range(int(first) - 1, int(last))


def join(texts: Sequence[str]) -> Pieces:
    """Pieces from one text per token: the first token of a piece has its text, the others none."""
    starts = [place for place, text in enumerate(texts) if text]
    return Pieces([texts[place] for place in starts], np.array(starts, dtype=np.int64))
