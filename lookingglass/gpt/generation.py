"""Generating text (exercise 3.2.4): one token after the other, each drawn given those before."""

from collections.abc import Iterator
from itertools import islice

import numpy as np
import torch
from jaxtyping import Float, Float64, Int64
from torch import Tensor

from lookingglass.gpt.decoding import Decoder
from lookingglass.gpt.model import GPT
from lookingglass.gpt.words import word_spans, words


def next_probs(
    gpt: GPT, logits: Float[Tensor, " V"], temperature: float, top_k: int | None
) -> Float64[Tensor, " vocabulary"]:
    """Probability of each of GPT-2's tokens to come next: p^(1 / temperature), normalised.

    Only the `top_k` likeliest can come. Temperature 0 is the limit: the likeliest is certain.
    """
    log_p = logits.double()[gpt.row] + gpt.log_prior  # and a constant, which cancels
    index, probs = choices(log_p.numpy(force=True), temperature, top_k)
    of_all = torch.zeros(len(log_p), dtype=torch.float64)
    of_all[index] = torch.from_numpy(probs)
    return of_all.to(log_p.device)


def choices(
    log_p: Float64[np.ndarray, " n"], temperature: float, top_k: int | None
) -> tuple[Int64[np.ndarray, " k"], Float64[np.ndarray, " k"]]:
    """Where the `top_k` likeliest are, in ascending order, and p^(1 / temperature), normalised.

    Log probabilities may lack a constant. In numpy, which takes half of torch's time for so little.
    """
    if temperature == 0:
        top_k, temperature = 1, 1.0
    if top_k is None or top_k >= len(log_p):
        index = np.arange(len(log_p))
    else:
        index = np.sort(np.argpartition(log_p, -top_k)[-top_k:])
        log_p = log_p[index]
    # less the greatest, so that a tiny temperature leaves the likeliest at 0
    with np.errstate(over="ignore"):
        weights = np.exp((log_p - log_p.max()) / temperature)
    return index, weights / weights.sum()


def contenders(gpt: GPT, top_k: int | None) -> Int64[Tensor, " contenders"]:
    """The ids that can be among the `top_k` likeliest, whatever the logits, in ascending order.

    Rare tokens of one kind are always in the same order, so only its first `top_k` can be.
    """
    place = gpt.vocabulary.place
    return torch.nonzero(place < (len(place) if top_k is None else top_k)).flatten()


def generate(
    gpt: GPT,
    ids: Int64[Tensor, " time"],
    *,
    temperature: float = 1.0,
    top_k: int | None = None,
    generator: torch.Generator,
) -> Iterator[int]:
    """Continue `ids`, for ever: yield the id of each next token, as `draws` does."""
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
    """Continue `ids`, for ever: yield each next token's id, and the probability it was drawn with.

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
    decoder = Decoder(gpt)
    logits = decoder.read(torch.tensor(context, device=gpt.bias.device))
    among = contenders(gpt, top_k).numpy()
    row = gpt.row.numpy(force=True)[among]
    log_prior = gpt.log_prior.double().numpy(force=True)[among]
    while True:
        log_p = logits.numpy(force=True)[row] + log_prior  # and a constant
        index, probs = choices(log_p, temperature, top_k)
        # the inverse of the distribution function
        up_to = probs.cumsum()
        draw = torch.rand(1, dtype=torch.float64, generator=generator).item() * up_to[-1]
        place = up_to.searchsorted(draw, side="right")
        id = int(among[index[place]])
        yield id, float(probs[place])
        context.append(id)
        if decoder.time < size:
            logits = decoder.step(id)
        else:
            context = context[-(size // 2) :]
            logits = decoder.read(torch.tensor(context, device=gpt.bias.device))


def take_words(gpt: GPT, new: Iterator[int], count: int) -> list[int]:
    """Take ids from `new` until they make `count` words.

    A word has ended when the next one begins, so what begins it is drawn, and left out, as are
    blanks at the end. Text that never breaks ends after 20 ids a word. Raises ValueError for
    count < 1.
    """
    if count < 1:
        raise ValueError(f"count = {count}: must be at least 1")
    ids: list[int] = []
    ended, rest = 0, b""  # how many words no id can change any more, and the bytes after them
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
