"""An n-gram model, the GPT's baseline: interpolated modified Kneser-Ney.

Chen and Goodman 1998, "An Empirical Study of Smoothing Techniques for Language Modeling"
(TR-10-98, Harvard), section 3. With h the n - 1 tokens before w, and h' all of these but the first,

    p_n(w | h) = max(c(h w) - D(c(h w)), 0) / c(h) + gamma(h) p_{n-1}(w | h'),

where gamma(h) is the mass that the discounts D took from the tokens seen after h, and c(h) the sum
of c(h w) over w. For the longest n-grams, c counts how often h w occurs; for shorter ones, how many
different tokens precede it. Below p_1 is a base distribution, which gives every token some
probability.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Float64, Int64
from torch import Tensor

from lookingglass.gpt.vocabulary import compact

FALLBACK = (0.5, 1.0, 1.5)  # KenLM's discounts (Heafield et al. 2013) where n1, ..., n4 give none


@dataclass(frozen=True, eq=False)
class Level:
    """The n-grams of one length, each with one integer as its key, in ascending order of keys.

    The key of h w is (index of h among the n-grams one shorter) * vocabulary size + w; the empty
    n-gram has index 0. Millions of n-grams are then a few arrays, searched by bisection, where a
    dictionary of tuples would take ten times the memory.
    """

    keys: Int64[Tensor, " grams"]
    share: Float64[Tensor, " grams+1"]
    """What the discount leaves of the count of each n-gram h w, as a fraction of c(h).

    The last entry, which index -1 finds, is that of all unseen n-grams: 0."""
    passed: Float64[Tensor, " contexts"]
    """For each context h: gamma(h), the probability that is passed down; above 0, at most 1.

    It is 1 where nothing follows h, and for all unseen contexts, the last entry."""

    def find(self, keys: Int64[Tensor, " n"]) -> Int64[Tensor, " n"]:
        """The index of each n-gram; -1 if unseen, as with an unseen h, whose keys are negative."""
        if not len(self.keys):
            return torch.full_like(keys, -1)
        index = torch.searchsorted(self.keys, keys).clamp(max=len(self.keys) - 1)
        return index.where(self.keys[index] == keys, -1)


@dataclass(frozen=True, eq=False)
class KneserNey:
    """A fitted model: an exact distribution over all tokens after any context."""

    base: Float64[Tensor, " vocabulary"]
    """Probabilities below the lowest order."""
    levels: list[Level]
    """n-grams of length 1, 2, ..., order."""

    def distribution(self, context: Int64[Tensor, " time"]) -> Float64[Tensor, " vocabulary"]:
        """p(w | context) for each token w, above 0 where the base is.

        Only the last order - 1 tokens of the context count.
        """
        p, V = self.base, len(self.base)
        for length, level in enumerate(self.levels[: len(context) + 1]):
            h = torch.zeros(1, dtype=torch.int64)  # the empty context
            for shorter, token in zip(self.levels, context[len(context) - length :], strict=False):
                h = shorter.find(h * V + token)
            gram = level.find(h * V + torch.arange(V))
            p = level.share[gram] + level.passed[h] * p
        return p

    def log_prob(self, ids: Int64[Tensor, " time"]) -> Float64[Tensor, " time-1"]:
        """log p(ids[i] | those before it) for i = 1, 2, ..., in nats.

        The first token has nothing before it, so it is given and not scored, as in
        `scoring.log_prob`. Raises ValueError for fewer than two tokens, or one not in the base.
        """
        if len(ids) < 2:
            raise ValueError(f"{len(ids)} tokens: must be at least 2")
        _check(ids, self.base)
        p = self.base[ids]
        h = torch.zeros_like(ids)  # the context of each token, at first the empty one
        for level in self.levels:
            gram = level.find(h * len(self.base) + ids)
            p = level.share[gram] + level.passed[h] * p
            h = gram.roll(1)  # the n-gram that ends with a token is the context of the next one
            h[0] = -1
        return p[1:].log()


def fit(ids: Int64[Tensor, " time"], order: int, base: Float64[Tensor, " vocabulary"]) -> KneserNey:
    """The model of n-grams up to length `order` of a text.

    `base` is the distribution over all tokens that the lowest order falls back on. Raises
    ValueError for a token not in the base, or a base that is not a distribution.
    """
    if bool((base < 0).any()) or not abs(float(base.sum()) - 1) <= 1e-9:  # NaN, too
        raise ValueError(f"a base that sums to {float(base.sum())}: must be a distribution")
    _check(ids, base)
    levels, V = [], len(base)
    keys, at = ids.unique(return_inverse=True)  # at[i] is the index of the n-gram that starts at i
    contexts = 1
    for n in range(1, order + 1):
        longer_keys, longer = (at[: len(ids) - n] * V + ids[n:]).unique(return_inverse=True)
        if n == order:
            counts = at.bincount(minlength=len(keys))
        else:
            # each distinct (n + 1)-gram is one more token before the n-gram that it ends with
            suffix = torch.empty_like(longer_keys)
            suffix[longer] = at[1:]
            counts = suffix.bincount(minlength=len(keys))
            counts[at[:1]] += 1  # before it is the start of the text
        levels.append(_level(keys, counts, V, contexts))
        contexts, keys, at = len(keys), longer_keys, longer
    return KneserNey(base, levels)


def discounts(counts: Int64[Tensor, " grams"]) -> tuple[float, float, float]:
    """The discounts for counts of 1, of 2, and of 3 or more; each above 0, at most 1, 2, 3.

    With n_j the n-grams that count j and Y = n_1 / (n_1 + 2 n_2), that is j - (j + 1) Y n_{j+1} /
    n_j (Chen and Goodman 1998, section 3). A short text may have no n-gram of some count, or give
    discounts out of their range; then, as in KenLM, they are 0.5, 1 and 1.5.
    """
    n = counts.bincount(minlength=5).tolist()
    if not (n[1] and n[2] and n[3]):
        return FALLBACK
    Y = n[1] / (n[1] + 2 * n[2])
    one, two, three = (j - (j + 1) * Y * n[j + 1] / n[j] for j in (1, 2, 3))
    # a discount of 0 would leave nothing for unseen tokens
    return (one, two, three) if min(one, two, three) > 0 else FALLBACK


def class_base(ids: Int64[Tensor, " time"], table: bytes) -> Float64[Tensor, " vocabulary"]:
    """A distribution over all of GPT-2's tokens, for a model of a text to fall back on.

    The probability of an unknown class is proportional to the number of different tokens of it in
    the text, plus one; within a class it follows the prior of the GPT's vocabulary. `table` is that
    of the encoding. Raises InputError as `vocabulary.encoding` does.
    """
    nothing = ids[:0]
    # all tokens are unknown, so a row is a class. Chosen on Alice's validation part: 4.687 nats;
    # 4.698 if only tokens that the text lacks get a share, 4.732 if all get the same
    vocabulary = compact(table, nothing, nothing)
    by_class = vocabulary.row
    weight = 1 + by_class[ids.unique()].bincount(minlength=vocabulary.rows).double()
    base = weight[by_class] * vocabulary.log_prior.exp()
    return base / base.sum()


def _level(
    keys: Int64[Tensor, " grams"], counts: Int64[Tensor, " grams"], V: int, contexts: int
) -> Level:
    D = torch.tensor([0.0, *discounts(counts)], dtype=torch.float64)
    discount, h = D[counts.clamp(max=3)], keys // V
    nothing = D.new_zeros(contexts)
    total, taken = nothing.index_add(0, h, counts.double()), nothing.index_add(0, h, discount)
    share, passed = (counts - discount) / total[h], torch.where(total > 0, taken / total, 1)
    return Level(keys, torch.cat([share, D.new_zeros(1)]), torch.cat([passed, D.new_ones(1)]))


def _check(ids: Tensor, base: Tensor) -> None:
    if int(ids.min()) < 0 or int(ids.max()) >= len(base):
        raise ValueError(f"tokens {int(ids.min())} to {int(ids.max())}: there are {len(base)}")
