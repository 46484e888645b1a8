"""Log-probability of text under a GPT (exercise 3.2.4, question 5)."""

import torch
from jaxtyping import Float, Int64
from torch import Tensor

from lookingglass.gpt.model import GPT


@torch.no_grad()
def log_prob(gpt: GPT, ids: Int64[Tensor, " time"], *, stride: int = 1) -> Float[Tensor, " time-1"]:
    """log p(ids[i] | those before it) for i = 1, 2, ..., in nats, over all of GPT-2's tokens.

    The first token has nothing before it, so it is given and not scored. The model sees at most
    block_size tokens at a time, so a longer text is scored in windows that advance by `stride`
    tokens: beyond the first window each token has at least block_size - stride tokens of context.

    Raises ValueError for fewer than two tokens, or a stride not in 1, ..., block_size.
    """
    size = gpt.config.block_size
    if len(ids) < 2 or not 1 <= stride <= size:
        raise ValueError(
            f"{len(ids)} tokens, stride = {stride}: must be at least 2, and from 1 to {size}"
        )
    last = len(ids) - 1
    scored = [gpt.score(ids[None, : size + 1])[0]]
    # windows as wide as the block, each ending `stride` targets after the previous one
    ends = torch.tensor(range(size + stride, last + 1, stride), device=ids.device)
    if len(ends):
        windows = ids[ends[:, None] + torch.arange(-size, 1, device=ids.device)]
        scored.append(gpt.score(windows, last=stride).flatten())
    rest = last - sum(map(len, scored))
    if rest > 0:  # fewer than a stride
        scored.append(gpt.score(ids[None, last - size :], last=rest)[0])
    return torch.cat(scored)
