"""Generating text (exercise 3.2.4): one token after the other, each drawn given those before."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice

import torch
from jaxtyping import Float, Float64, Int64
from torch import Tensor

from lookingglass.gpt.model import GPT
from lookingglass.gpt.words import word_spans, words


@contextmanager
def one_thread() -> Iterator[None]:
    """Use one thread: a token is so little work that sharing it takes longer than doing it.

    Ten times as long if the processor is busy with something else.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def next_probs(
    gpt: GPT, logits: Float[Tensor, " V"], temperature: float, top_k: int | None
) -> Float64[Tensor, " vocabulary"]:
    """Probability of each of GPT-2's tokens to come next: p^(1 / temperature), normalised.

    Only the `top_k` likeliest can come. Temperature 0 is the limit: the likeliest is certain.
    Raises ValueError for a negative temperature, which would favour the unlikely.
    """
    if temperature < 0:
        raise ValueError(f"temperature = {temperature}: must be at least 0")
    if temperature == 0:
        temperature, top_k = 1.0, 1
    log_p = logits.double()[gpt.row] + gpt.log_prior  # up to a constant
    if top_k is not None:
        values, index = log_p.topk(min(top_k, len(log_p)))
        log_p = torch.full_like(log_p, -torch.inf).scatter(0, index, values)
    # less the greatest, so that a tiny temperature leaves the likeliest at 0
    return ((log_p - log_p.max()) / temperature).softmax(dim=0)


def generate(
    gpt: GPT,
    ids: Int64[Tensor, " time"],
    *,
    temperature: float = 1.0,
    top_k: int | None = None,
    generator: torch.Generator,
) -> Iterator[int]:
    """Continue `ids` without end: yield the id of each next token, as `draws` does."""
    new = draws(gpt, ids, temperature=temperature, top_k=top_k, generator=generator)
    return (id for id, _ in new)


def draws(
    gpt: GPT,
    ids: Int64[Tensor, " time"],
    *,
    temperature: float = 1.0,
    top_k: int | None = None,
    generator: torch.Generator,
) -> Iterator[tuple[int, float]]:
    """Continue `ids` without end: yield each next token's id and the probability it was drawn with.

    Temperature 1 samples from the model's own distribution; below 1 favours likely tokens, and 0
    takes the likeliest. Keys and values are cached. When all block_size positions are used, the
    model reads its last block_size / 2 tokens anew and continues from there. `generator` is on the
    CPU, wherever the model is.
    """
    size = gpt.config.block_size
    context = new = ids[-size:].to(gpt.row.device)
    kv_cache = gpt.new_kv_cache()
    while True:
        with torch.no_grad(), one_thread():
            logits = gpt(new[None], kv_cache=kv_cache, last=1)[0, -1]
            probs = next_probs(gpt, logits, temperature, top_k)
            # invert the cumulative distribution: torch.multinomial draws a number for each token
            u = torch.rand(1, dtype=torch.float64, generator=generator).to(probs.device)
            up_to = probs.cumsum(dim=0)
            new = torch.searchsorted(up_to, u * up_to[-1], right=True)
        yield int(new), float(probs[new])
        context = torch.cat([context, new])
        if kv_cache[0].time == size:
            context = new = context[-(size // 2) :]
            kv_cache = gpt.new_kv_cache()


def take_words(gpt: GPT, new: Iterator[int], count: int) -> list[int]:
    """Take ids from `new` until they make `count` words, at least 1.

    A word has ended when the next one begins, so the token that begins the next is drawn, and left
    out, as are blanks at the end. Text that never breaks ends after 20 ids a word.
    """
    ids: list[int] = []
    ended, rest = 0, b""  # words that no further id can change, and the bytes after them
    for id in islice(new, 20 * count):
        ids.append(id)
        rest += gpt.vocabulary.encoding.decode_single_token_bytes(id)
        text = rest.decode("utf-8", "surrogateescape")
        starts = [start for start, _ in word_spans(text)]
        if ended + len(starts) > count:
            last, following = words(gpt.vocabulary, torch.tensor(ids))[count - 1 : count + 1]
            # one id may hold the end of the one and the beginning of the other
            del ids[max(last.tokens.stop, following.tokens.start) :]
            break
        if len(starts) > 1:
            ended += len(starts) - 1
            rest = text[starts[-1] :].encode("utf-8", "surrogateescape")
    while ids and gpt.decode(torch.tensor(ids[-1:])).isspace():
        ids.pop()
    return ids
