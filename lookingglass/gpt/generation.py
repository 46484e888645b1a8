"""Generating text (exercise 3.2.4): one token after the other, each drawn given those before."""

from collections.abc import Iterator
from itertools import islice

import torch
from jaxtyping import Float, Float64, Int64
from torch import Tensor

from lookingglass.gpt.model import GPT, Cache


def next_probs(
    gpt: GPT, logits: Float[Tensor, " V"], temperature: float, top_k: int | None
) -> Float64[Tensor, " vocabulary"]:
    """Probability of each of GPT-2's tokens to come next: p^(1 / temperature), normalised.

    Only the `top_k` likeliest can come. Temperature 0 is the limit: the likeliest is certain.
    """
    log_p = logits.double().log_softmax(dim=-1).index_select(0, gpt.row) + gpt.log_prior
    log_p = log_p - log_p.max()  # so that a tiny temperature leaves the likeliest at 0
    if temperature == 0:
        top_k, temperature = 1, 1.0
    if top_k is not None and top_k < len(log_p):
        best = log_p.topk(top_k)
        log_p = torch.full_like(log_p, -torch.inf).index_copy(0, best.indices, best.values)
    return (log_p / temperature).softmax(dim=-1)


@torch.no_grad()
def generate(
    gpt: GPT,
    ids: Int64[Tensor, " time"],
    *,
    temperature: float = 1.0,
    top_k: int | None = None,
    generator: torch.Generator,
) -> Iterator[int]:
    """Go on from `ids`, for ever: yield the id of each next token.

    Temperature 1 draws from the model's own distribution, less draws what is likely more often, 0
    takes the likeliest. Keys and values are kept from one token to the next. Positions end at
    block_size: when they are used up, the model reads its last block_size / 2 tokens anew and
    goes on from there.

    Raises ValueError for no ids, a negative temperature or top_k < 1.
    """
    if not len(ids) or not temperature >= 0 or (top_k is not None and top_k < 1):
        raise ValueError(
            f"{len(ids)} ids, temperature = {temperature}, top_k = {top_k}: "
            "must be at least 1, at least 0 and at least 1"
        )
    size = gpt.config.block_size
    context = ids[-size:].tolist()
    cache, fresh = Cache(), context
    while True:
        logits = gpt(torch.tensor([fresh], device=gpt.bias.device), cache=cache)[0, -1]
        probs = next_probs(gpt, logits, temperature, top_k).cpu()
        # the inverse of the distribution function: torch.multinomial takes ten times as long
        up_to = probs.cumsum(dim=0)
        draw = torch.rand(1, dtype=torch.float64, generator=generator) * up_to[-1]
        id = int(torch.searchsorted(up_to, draw, right=True))
        yield id
        context.append(id)
        fresh = [id]
        if cache.time == size:
            context = context[-(size // 2) :]
            cache, fresh = Cache(), context


def take_words(gpt: GPT, new: Iterator[int], count: int) -> list[int]:
    """Take ids from `new` until they make `count` words, runs of non-blank characters.

    A word has ended when the next one begins, so one id more is drawn, and left out, as are blanks
    at the end. Text that never breaks ends after 20 ids a word. Raises ValueError for count < 1.
    """
    if count < 1:
        raise ValueError(f"count = {count}: must be at least 1")
    ids: list[int] = []
    for id in islice(new, 20 * count):
        text = gpt.decode(torch.tensor([*ids, id]))
        if len(text.split()) > count:
            break
        ids.append(id)
    while ids and gpt.decode(torch.tensor(ids[-1:])).isspace():
        ids.pop()
    return ids
