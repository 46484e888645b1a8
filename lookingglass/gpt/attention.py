"""What a block's attention looks at (exercise 3.2.4, questions 3 and 4).

The row of position i holds what was read to predict token i + 1: the weights that chose a token
are those of the position before it.
"""

from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn

from lookingglass.gpt.model import GPT, Block, causal_weights


@dataclass(frozen=True)
class Attention:
    """Scores and weights of a block's heads; row i is position i looking at 0, ..., i."""

    scores: Float[Tensor, "heads time time"]
    """q k^T / sqrt(d), before the softmax; -inf for what lies ahead."""
    weights: Float[Tensor, "heads time time"]
    """Their softmax: each row sums to 1, and is 0 ahead."""


@torch.no_grad()
def attention(gpt: GPT, ids: Int64[Tensor, " time"], block: int) -> Attention:
    """The attention of one block, counted from 0, or from the end if negative.

    Raises ValueError for no ids, more than block_size, or a block that there is not.
    """
    n = len(gpt.blocks)
    if not len(ids) or not -n <= block < n:
        raise ValueError(
            f"{len(ids)} ids, block = {block}: must be at least 1, and from {-n} to {n - 1}"
        )
    whole = gpt.blocks[block]
    assert isinstance(whole, Block)
    module = whole.attention
    inputs: list[Tensor] = []

    def catch(_: nn.Module, arguments: tuple[Any, ...]) -> None:
        inputs.append(arguments[0])

    # caught on its way through the model, so that it is what the model itself works with
    hook = module.register_forward_pre_hook(catch)
    try:
        gpt(ids[None])
    finally:
        hook.remove()
    q, k, _ = module.queries_keys_values(inputs[0])
    scores, weights = causal_weights(q, k)
    return Attention(scores[0], weights[0])


def centred(scores: Float[Tensor, "*rows time"]) -> Float[Tensor, "*rows time"]:
    """Scores less the mean of their row, over what it sees: all of them that the softmax heeds.

    A number added to a whole row changes its sum and no weight, so only differences mean anything.
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
    """-sum w log w of each row, in nats: 0 for all on one token, log n for even on n of them."""
    return -torch.xlogy(weights, weights).sum(dim=-1)


def distance(weights: Float[Tensor, "*heads time time"]) -> Float[Tensor, "*heads time"]:
    """How many tokens before the predicted one each row looks, on average over its weights.

    1 is the token just before it, the row's own position; for even weights row i has (i + 2) / 2.
    """
    places = torch.arange(weights.shape[-1], device=weights.device)
    return (weights * (places[:, None] + 1 - places)).sum(dim=-1)
