"""An n-gram model, the yardstick for the GPT: interpolated modified Kneser-Ney.

Chen and Goodman 1998, "An Empirical Study of Smoothing Techniques for Language Modeling"
(TR-10-98, Harvard), section 3. With h the n - 1 tokens before w, and h' all of these but the first,

    p_n(w | h) = max(c(h w) - D(c(h w)), 0) / c(h) + gamma(h) p_{n-1}(w | h'),

where gamma(h) is what the discounts D took from the tokens seen after h, and c(h) the sum of
c(h w) over w. For the longest n-grams, c counts how often h w occurs; for shorter ones, how many
different tokens come before it. Below p_1 is a base that gives every token some probability.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from jaxtyping import Float64, Int64
from torch import Tensor

from lookingglass.gpt.vocabulary import compact

Gram = tuple[int, ...]
"""Tokens that follow each other."""

START = -1  # what stands before the text's first token, where it is asked what does
FALLBACK = (0.5, 1.0, 1.5)  # KenLM's discounts (Heafield et al. 2013) where n1, ..., n4 give none


@dataclass(frozen=True, eq=False)
class Level:
    """The n-grams of one length."""

    share: dict[Gram, float]
    """For each n-gram h w: what the discount leaves of its count, as a fraction of c(h)."""
    passed: dict[Gram, float]
    """For each context h: gamma(h), the probability that is passed down; above 0, at most 1."""


@dataclass(frozen=True, eq=False)
class KneserNey:
    """A fitted model: an exact distribution over all tokens after any context."""

    base: Float64[Tensor, " vocabulary"]
    """Probabilities below the lowest order."""
    levels: list[Level]
    """n-grams of length 1, 2, ..., order."""

    def probability(self, context: Gram, token: int) -> float:
        """p(token | context), above 0 if its base is; only the last order - 1 of context count."""
        p = float(self.base[token])
        for length, level in enumerate(self.levels[: len(context) + 1]):
            h = context[len(context) - length :]
            if h not in level.passed:  # never seen, so no longer context was
                break
            p = level.share.get((*h, token), 0.0) + level.passed[h] * p
        return p

    def log_prob(self, ids: Int64[Tensor, " time"]) -> Float64[Tensor, " time-1"]:
        """log p(ids[i] | those before it) for i = 1, 2, ..., in nats.

        The first token has nothing before it, so it is given and not scored, as in
        `scoring.log_prob`. Raises ValueError for fewer than two tokens, or one not in the base.
        """
        if len(ids) < 2:
            raise ValueError(f"{len(ids)} tokens: must be at least 2")
        text, reach = _text(ids, self.base), len(self.levels) - 1
        p = [
            self.probability(tuple(text[max(0, i - reach) : i]), text[i])
            for i in range(1, len(text))
        ]
        return torch.tensor(p, dtype=torch.float64).log()


def fit(ids: Int64[Tensor, " time"], order: int, base: Float64[Tensor, " vocabulary"]) -> KneserNey:
    """The model of n-grams up to length `order` of a text.

    `base` is the distribution over all tokens that the lowest order falls back on. Raises
    ValueError for an order below 1, an empty text, a token not in the base, or a base that is no
    distribution.
    """
    if order < 1 or len(ids) < 1:
        raise ValueError(f"order = {order}, {len(ids)} tokens: both must be at least 1")
    if bool((base < 0).any()) or not abs(float(base.sum()) - 1) <= 1e-9:  # NaN, too
        raise ValueError(f"a base that sums to {float(base.sum())}: must be a distribution")
    text = _text(ids, base)
    levels = []
    for n in range(1, order):
        # each different longer n-gram, the text's start included, is one more token before its end
        levels.append(_level(Counter(gram[1:] for gram in set(_grams([START, *text], n + 1)))))
    levels.append(_level(Counter(_grams(text, order))))
    return KneserNey(base, levels)


def discounts(counts: Counter[Gram]) -> tuple[float, float, float]:
    """What to take from counts of 1, of 2, and of 3 or more; each above 0, at most 1, 2, 3.

    With n_j the n-grams that count j and Y = n_1 / (n_1 + 2 n_2), that is j - (j + 1) Y n_{j+1} /
    n_j (Chen and Goodman 1998, section 3). A short text may have no n-gram of some count, or give
    discounts out of their range; then, as in KenLM, they are 0.5, 1 and 1.5.
    """
    n = Counter(counts.values())
    if not (n[1] and n[2] and n[3]):
        return FALLBACK
    Y = n[1] / (n[1] + 2 * n[2])
    one, two, three = (j - (j + 1) * Y * n[j + 1] / n[j] for j in (1, 2, 3))
    # one that is 0 would leave nothing for tokens that were not seen
    return (one, two, three) if min(one, two, three) > 0 else FALLBACK


def kinds_base(ids: Int64[Tensor, " time"], table: bytes) -> Float64[Tensor, " vocabulary"]:
    """A distribution over all of GPT-2's tokens, for a model of a text to fall back on.

    How likely a kind is goes by how many different tokens of it the text has, plus one; within a
    kind, by the prior with which the GPT's vocabulary tells rare tokens apart. `table` is that of
    the encoding. Raises ValueError as `vocabulary.encoding` does.
    """
    nothing = ids[:0]
    # all tokens are rare: a row is a kind. Chosen on Alice's validation part: 4.687 nats; 4.698 if
    # only the tokens that the text has not share it out, 4.732 if all have the same
    vocabulary = compact(table, nothing, nothing)
    kind = vocabulary.row
    weight = 1 + kind[ids.unique()].bincount(minlength=vocabulary.rows).double()
    base = weight[kind] * vocabulary.log_prior.exp()
    return base / base.sum()


def _level(counts: Counter[Gram]) -> Level:
    D = (0.0, *discounts(counts))
    total: Counter[Gram] = Counter()
    taken: defaultdict[Gram, float] = defaultdict(float)
    for gram, count in counts.items():
        total[gram[:-1]] += count
        taken[gram[:-1]] += D[min(count, 3)]
    share = {gram: (c - D[min(c, 3)]) / total[gram[:-1]] for gram, c in counts.items()}
    return Level(share, {h: taken[h] / total[h] for h in total})


def _grams(text: list[int], n: int) -> Iterator[Gram]:
    return zip(*(text[i:] for i in range(n)), strict=False)


def _text(ids: Tensor, base: Tensor) -> list[int]:
    if int(ids.min()) < 0 or int(ids.max()) >= len(base):
        raise ValueError(f"tokens {int(ids.min())} to {int(ids.max())}: there are {len(base)}")
    text: list[int] = ids.tolist()
    return text
