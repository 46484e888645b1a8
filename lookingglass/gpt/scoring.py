"""Log-probability of text under a GPT (exercise 3.2.4, question 5)."""

from collections.abc import Iterator

import torch
from jaxtyping import Float, Int64
from torch import Tensor

from lookingglass.gpt.model import GPT


def windows_to_score(
    ids: Int64[Tensor, " time"], size: int, stride: int
) -> Iterator[tuple[Int64[Tensor, "n window"], int]]:
    """Windows that cover a text, and of how many targets at their end the turn has come.

    A window has `size` inputs and a target for each; all windows together score each token but the
    first once, in order. Raises ValueError for fewer than two tokens, or a stride not in 1, ...,
    size.
    """
    if len(ids) < 2 or not 1 <= stride <= size:
        raise ValueError(
            f"{len(ids)} tokens, stride = {stride}: must be at least 2, and from 1 to {size}"
        )
    last = len(ids) - 1
    first = min(size, last)
    yield ids[None, : first + 1], first
    # windows as wide as the block, each ending `stride` targets after the previous one
    ends = torch.tensor(range(size + stride, last + 1, stride), device=ids.device)
    if len(ends):
        yield ids[ends[:, None] + torch.arange(-size, 1, device=ids.device)], stride
    rest = last - first - len(ends) * stride
    if rest > 0:  # fewer than a stride
        yield ids[None, last - size :], rest


@torch.no_grad()
def log_prob(gpt: GPT, ids: Int64[Tensor, " time"], *, stride: int = 1) -> Float[Tensor, " time-1"]:
    """log p(ids[i] | those before it) for i = 1, 2, ..., in nats, over all of GPT-2's tokens.

    The first token has nothing before it, so it is given and not scored. The model sees at most
    block_size tokens at a time, so a longer text is scored in windows that advance by `stride`
    tokens: beyond the first window each token has at least block_size - stride tokens of context.

    Raises ValueError as `windows_to_score` does.
    """
    parts = windows_to_score(ids, gpt.config.block_size, stride)
    return torch.cat([gpt.score(windows, last).flatten() for windows, last in parts])
