"""A language whose truth is known: text drawn from an n-gram model.

The source is itself a model of a book, so the text obeys Zipf's law and has the book's phrases, but
the distribution of every next token is known exactly. So is the loss that no model can go below,
the entropy rate, which with real text can only be fitted.

All models of the language share one interface, a `Predictor`: the exact language, an n-gram model
fitted again to drawn text, and a GPT.
"""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Protocol, runtime_checkable

import torch
from jaxtyping import Float64, Int64
from torch import Tensor

from lookingglass.gpt.model import GPT
from lookingglass.gpt.ngram import KneserNey, Level, fit

BURN_IN = 1000
"""Tokens drawn and left out at the start of a text: by then it has forgotten how it began."""


@runtime_checkable
class Predictor(Protocol):
    """A model's distribution of the next token, over the V tokens of a language."""

    def __call__(self, ids: Int64[Tensor, "B T"], last: int) -> Float64[Tensor, "B last V"]:
        """Log-probabilities of the token after each of the last few positions, in nats."""
        ...


@dataclass(frozen=True, eq=False)
class Language:
    """An n-gram model with a closed vocabulary, a Predictor and a source of text."""

    tokens: Int64[Tensor, " V"]
    """GPT-2's ids of the tokens that can occur, in ascending order."""
    model: KneserNey
    """Over the places in `tokens`, 0 to V - 1."""

    @property
    def order(self) -> int:
        """The length of the longest n-gram: a token depends on the order - 1 before it."""
        return len(self.model.levels)

    def places(self, ids: Int64[Tensor, "*shape"]) -> Int64[Tensor, "*shape"]:
        """The place of each id in `tokens`. Raises ValueError for one that is not there."""
        places = torch.searchsorted(self.tokens, ids.contiguous()).clamp(max=len(self.tokens) - 1)
        if bool((self.tokens[places] != ids).any()):
            raise ValueError("a token that is not in the language")
        return places

    def __call__(self, ids: Int64[Tensor, "B T"], last: int) -> Float64[Tensor, "B last V"]:
        """See Predictor; exact, and finite for every token of the language."""
        V, levels = len(self.tokens), self.model.levels
        places = self.places(ids)
        lowest = self.model.base * levels[0].passed[0]
        lowest = lowest.index_add(0, levels[0].keys, levels[0].share[:-1])
        p = lowest.repeat(len(ids) * last, 1)
        h = (
            levels[0].find(places.flatten()).view_as(places)
        )  # the 1-gram that ends at each position
        for level in levels[1:]:
            context = h[:, ids.shape[1] - last :].flatten()
            p *= level.passed[context][:, None]
            row, gram = _following(level, context, V)
            p.view(-1).index_add_(0, row * V + level.keys[gram] % V, level.share[gram])
            before = h.roll(1, dims=1)
            before[:, 0] = -1
            h = level.find((before * V + places).flatten()).view_as(places)
        return p.log_().view(len(ids), last, V)

    def draw(self, count: int, generator: torch.Generator) -> Int64[Tensor, " count"]:
        """A text of `count` tokens; it starts anywhere, as a page opened at random does."""
        u = torch.rand(BURN_IN + count, dtype=torch.float64, generator=generator)
        return self.tokens[torch.tensor(list(islice(self._draws(u.tolist()), BURN_IN, None)))]

    def _draws(self, uniform: list[float]) -> Iterator[int]:
        """A token for each number in [0, 1): the distribution function inverted, level by level.

        With probability 1 - gamma(h) a token comes from the n-grams seen after h, in proportion to
        their shares; else the number, scaled to [0, 1) again, decides one level below.
        """
        V, levels = len(self.tokens), self.model.levels
        keys = [level.keys.tolist() for level in levels]
        index = [{key: i for i, key in enumerate(of_level)} for of_level in keys[:-1]]
        passed = [level.passed.tolist() for level in levels]
        up_to = [
            torch.cat([level.share[-1:], level.share[:-1]]).cumsum(0).tolist() for level in levels
        ]
        first = [_firsts(level, torch.arange(len(level.passed)), V).tolist() for level in levels]
        context = [0] + [-1] * (len(levels) - 1)  # of each length, its index among the n-grams
        for u in uniform:
            for n in reversed(range(len(levels))):
                h = context[n]
                if h < 0:
                    continue
                low, high = first[n][h], first[n][h + 1]
                u += up_to[n][low]
                if u < up_to[n][high]:
                    w = keys[n][bisect_right(up_to[n], u, low, high) - 1] % V
                    break
                u = (u - up_to[n][high]) / passed[n][h]
            else:
                w = min(int(u * V), V - 1)  # the base is uniform
            yield w
            longer = [
                of.get(h * V + w, -1) if h >= 0 else -1
                for of, h in zip(index, context, strict=False)
            ]
            context = [0, *longer]


def fit_language(
    ids: Int64[Tensor, " time"], order: int, tokens: Int64[Tensor, " V"] | None = None
) -> Language:
    """The n-gram model of a text as a language, or as a model of the language it was drawn from.

    Its vocabulary is closed: `tokens` in ascending order, by default those of the text, and below
    the lowest order all are equally likely. Raises ValueError for ids not among `tokens`.
    """
    tokens = ids.unique() if tokens is None else tokens
    base = torch.full((len(tokens),), 1 / len(tokens), dtype=torch.float64)
    empty = Language(tokens, KneserNey(base, []))
    return Language(tokens, fit(empty.places(ids), order, base))


def gpt_predictor(gpt: GPT, tokens: Int64[Tensor, " V"]) -> Predictor:
    """A GPT as a model of a language: its distribution given that one of these tokens comes.

    An n-gram model knows that no other can. Of longer texts it sees the last block_size tokens.
    Raises ValueError for a token without a row of its own.
    """
    if bool(gpt.vocabulary.is_unknown(tokens).any()):
        raise ValueError("a token of the language without a row in the vocabulary")
    rows = gpt.row[tokens.to(gpt.row.device)]

    @torch.no_grad()
    def predict(ids: Int64[Tensor, "B T"], last: int) -> Float64[Tensor, "B last V"]:
        seen = ids[:, -gpt.config.block_size :].to(rows.device)
        logits: Tensor = gpt(seen, last=last)[..., rows]
        return logits.double().log_softmax(dim=-1).cpu()

    return predict


def _firsts(level: Level, h: Int64[Tensor, " n"], V: int) -> Int64[Tensor, " n"]:
    """Where in a level the n-grams that begin with each context h start; 0 for unseen ones, -1."""
    return torch.searchsorted(level.keys, h * V)


def _following(
    level: Level, h: Int64[Tensor, " n"], V: int
) -> tuple[Int64[Tensor, " pairs"], Int64[Tensor, " pairs"]]:
    """All n-grams that begin with the context of each row: pairs of a row and an n-gram's index."""
    first, stop = _firsts(level, h, V), _firsts(level, h + 1, V)
    count = stop - first
    row = torch.arange(len(h)).repeat_interleave(count)
    within = torch.arange(len(row)) - (count.cumsum(0) - count).repeat_interleave(count)
    return row, first.repeat_interleave(count) + within
