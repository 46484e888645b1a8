"""What a block attends to (exercise 3.2.4, questions 3 and 4).

Row i holds the weights from which token i + 1 was predicted: those that chose a token are in the
row of the position before it.
"""

from copy import deepcopy
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int64
from torch import Tensor

from lookingglass.gpt.model import GPT


@dataclass(frozen=True)
class Attention:
    """Scores and weights of a block's heads; row i is position i attending to 0, ..., i."""

    scores: Float[Tensor, "heads time time"]
    """q k^T / sqrt(d), before the softmax; -inf for later positions."""
    weights: Float[Tensor, "heads time time"]
    """After the softmax: each row sums to 1, and is 0 for later positions."""


@torch.no_grad()
def attention(gpt: GPT, ids: Int64[Tensor, " time"], block: int) -> Attention:
    """The attention of one block, counted from 0, or from the end if negative.

    Raises ValueError for more than block_size ids.
    """
    attentions: list[tuple[Tensor, Tensor]] = []
    gpt(ids[None], attentions=attentions)
    scores, weights = attentions[block]
    return Attention(scores[0], weights[0])


def centred(scores: Float[Tensor, "*rows time"]) -> Float[Tensor, "*rows time"]:
    """Scores minus the mean of their row, over the positions that it sees.

    Adding a number to a whole row changes no weight, so only differences mean anything.
    """
    seen = scores.isfinite()
    total = scores.where(seen, 0).sum(dim=-1, keepdim=True)
    return scores - total / seen.sum(dim=-1, keepdim=True)


def mean_of_rows(
    scores: Float[Tensor, "*heads rows time"],
) -> Float[Tensor, "*heads time"]:
    """The mean of some rows, for each token over the rows that see it (NaN if none does)."""
    seen = scores.isfinite()
    return scores.where(seen, 0).sum(dim=-2) / seen.sum(dim=-2)


def entropy(weights: Float[Tensor, "*rows time"]) -> Float[Tensor, "*rows"]:
    """-sum w log w of each row, in nats: 0 for all on one token, log n if even over n."""
    return -torch.xlogy(weights, weights).sum(dim=-1)


def distance(weights: Float[Tensor, "*heads time time"]) -> Float[Tensor, "*heads time"]:
    """How far before the predicted token each row attends, in tokens, averaged over its weights.

    1 is the token just before it, the row's own position; with even weights row i has (i + 2) / 2.
    """
    places = torch.arange(weights.shape[-1], device=weights.device)
    return (weights * (places[:, None] + 1 - places)).sum(dim=-1)


def uniform(rows: Int64[Tensor, " rows"]) -> tuple[float, float]:
    """Mean entropy and mean distance of rows i that attend evenly: log(i + 1) and (i + 2) / 2."""
    return float((rows.double() + 1).log().mean()), float((rows.double() + 2).mean() / 2)


@torch.no_grad()
def typical(gpt: GPT, ids: Int64[Tensor, " time"], block: int) -> tuple[float, float]:
    """Mean entropy and mean distance of a block's heads over a whole text.

    In windows of block_size tokens, over the rows that see at least half a window.
    """
    size = min(gpt.config.block_size, len(ids))
    windows = ids[: len(ids) // size * size].view(-1, size)
    found = []
    for window in windows:
        weights = attention(gpt, window, block).weights
        found.append(
            torch.stack([f(weights)[..., size // 2 :].mean() for f in (entropy, distance)])
        )
    mean = torch.stack(found).mean(dim=0)
    return float(mean[0]), float(mean[1])


@torch.no_grad()
def shift_key_biases(gpt: GPT) -> GPT:
    """A model with the same outputs but other scores: 1 added to each key bias shifts whole rows.

    Softmax ignores a constant, so sums of scores are arbitrary.
    """
    shifted = deepcopy(gpt)
    width = gpt.config.n_embd
    for name, parameter in shifted.named_parameters():
        if name.endswith("qkv.bias"):
            parameter[width : 2 * width] += 1
    return shifted
