"""Which tokens the probability of a word depends on: replace them and see (exercise 3.2.4, 3, 4).

Attention weights say where a block attended, not what effect that had; this experiment does.
"""

import torch
from jaxtyping import Float64, Int64, Integer
from torch import Tensor

from lookingglass.gpt.model import GPT
from lookingglass.gpt.vocabulary import token_counts


@torch.no_grad()
def word_prob(gpt: GPT, ids: Int64[Tensor, "texts time"], start: int) -> Float64[Tensor, " texts"]:
    """Probability of the last tokens of each text, from index `start` on, given those before.

    Raises ValueError for start < 1 or past the end.
    """
    if not 1 <= start < ids.shape[1]:
        raise ValueError(f"start = {start}: must be from 1 to {ids.shape[1] - 1}")
    scores = gpt.score(ids, last=ids.shape[1] - start)
    return scores.double().sum(dim=-1).exp()


def replace_each(
    gpt: GPT,
    ids: Int64[Tensor, " time"],
    start: int,
    others: Int64[Tensor, " n"],
    share: Float64[Tensor, " n"],
) -> Float64[Tensor, " start"]:
    """The word's probability with the token at 0, ..., start - 1 replaced; positions stay.

    The word is ids[start:]. Each entry is a mean over `others`, weighted by `share`, without the
    replaced token and those of the word, which would give the answer away.

    Raises ValueError as word_prob does, or if none of the others is left.
    """
    word = torch.isin(others, ids[start:])
    probs = []
    for place in range(start):
        fit = ~word & (others != ids[place])
        if not fit.any():
            raise ValueError(f"{len(others)} others: none is left to stand at {place}")
        texts = ids.repeat(int(fit.sum()), 1)
        texts[:, place] = others[fit]
        probs.append((word_prob(gpt, texts, start) * share[fit]).sum() / share[fit].sum())
    return torch.stack(probs)


def commonest(
    text: Integer[Tensor, " time"], count: int
) -> tuple[Int64[Tensor, " n"], Float64[Tensor, " n"]]:
    """The `count` commonest tokens of a text (all, if it has fewer), and how often each occurs."""
    counts = token_counts(text)
    ids = counts.nonzero().flatten()
    counts = counts[ids]
    order = counts.argsort(descending=True, stable=True)[:count]
    return ids[order], counts[order].double()
