"""The log-probability of a sentence that the GPT writes (exercise 3.2.4, question 5)."""

import math
from itertools import islice
from typing import Annotated

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import Field
from torch import Tensor

from lab.core.artifacts import read_arrays, write_metrics, write_table
from lab.core.entry import run
from lab.core.headline import headline
from lab.core.params import PARAMS, Section, Seed, load
from lookingglass.errors import InputError
from lookingglass.gpt.generation import draws, next_probs
from lookingglass.gpt.model import GPT
from lookingglass.gpt.pieces import first_texts, pieces, token_texts
from lookingglass.gpt.scoring import log_prob
from lookingglass.gpt.weights import load_gpt
from lookingglass.gpt.words import SENTENCE_END


class Params(Section):
    prompt: Annotated[str, Field(min_length=1)]
    temperature: Annotated[float, Field(ge=0, le=10)]
    top_k: Annotated[int, Field(ge=1, le=50257)]
    seed: Seed


def sentence(gpt: GPT, params: Params) -> tuple[Tensor, NDArray[np.float64]]:
    """The ids of the prompt and what the model makes of it, and the probabilities it drew with.

    It ends with the first new token in which a sentence ends, in any language, or where the
    model's positions end, so that the model sees all of it whenever it predicts a token.
    """
    prompt = gpt.encode(params.prompt)
    size = gpt.config.block_size
    if len(prompt) > size:
        raise InputError(
            f"{PARAMS}: logprob.prompt: {len(prompt)} tokens; must be at most "
            f"train_gpt.block_size, {size}"
        )
    generator = torch.Generator().manual_seed(params.seed)
    new = draws(
        gpt, prompt, temperature=params.temperature, top_k=params.top_k, generator=generator
    )
    ids, probs = prompt.tolist(), []
    for id, p in islice(new, size + 1 - len(prompt)):  # the last position predicts one more
        ids.append(id)
        probs.append(p)
        # in all that is new: one character may take several tokens
        if SENTENCE_END.search(gpt.decode(torch.tensor(ids[len(prompt) :]))):
            break
    return torch.tensor(ids), np.array(probs)


def held(probs: NDArray[np.floating]) -> int:
    """How many of the probabilities can be multiplied, one after the other, before it gives 0."""
    return int(np.count_nonzero(np.cumprod(probs, dtype=probs.dtype)))


def main() -> None:
    params = load("logprob", Params)
    torch.set_num_threads(1)
    gpt = load_gpt("models/gpt.safetensors")
    test = torch.from_numpy(read_arrays("data/tokens.npz")["test"])
    ids, probs = sentence(gpt, params)
    given, sampling = len(ids) - len(probs), np.log(probs)
    scores = log_prob(gpt, ids).double().numpy()
    total = float(scores.sum())

    # by another road: each token's probability among all of GPT-2's, and their products
    rows = zip(gpt(ids[None, :-1])[0], ids[1:], strict=True)
    products = np.cumprod([float(next_probs(gpt, row, 1.0, None)[id]) for row, id in rows])
    whole = products > np.finfo(products.dtype).tiny
    differences = np.abs(products[whole] / np.exp(scores.cumsum()[whole]) - 1)
    book = log_prob(gpt, test, stride=gpt.config.block_size // 4).double().exp().numpy()
    metrics: dict[str, float | int | str] = {
        "sentence": gpt.decode(ids),
        "given": given,
        "tokens": len(scores),
        "log_prob": total,
        "perplexity": math.exp(-total / len(scores)),
        "product": float(products[-1]),
        "product_difference": float(differences.max()),
        "sampled": len(sampling),
        "log_prob_sampled": float(scores[given - 1 :].sum()),
        "log_prob_sampling": float(sampling.sum()),
        "held_float32": held(book.astype(np.float32)),
        "held_float64": held(book),
        "test_tokens": len(book),
    }
    write_metrics("metrics/details/logprob.json", metrics)
    write_metrics("metrics/logprob.json", headline(metrics, "log_prob"))
    texts = zip(
        token_texts(gpt.vocabulary, ids), first_texts(pieces(gpt.vocabulary, ids)), strict=True
    )
    write_table(
        "data/logprob.csv",
        ("position", "token", "piece", "log_prob", "log_prob_sampling"),
        (
            (
                place,
                token,
                piece,
                float(scores[place - 1]) if place else "",  # nothing stands before the first
                float(sampling[place - given]) if place >= given else "",
            )
            for place, (token, piece) in enumerate(texts)
        ),
    )
    print(
        f"{gpt.decode(ids)!r}: log-probability {total:.2f} nats over {len(scores)} tokens, "
        f"perplexity {metrics['perplexity']:.1f}; as it was sampled {sampling.sum():.2f}"
    )


if __name__ == "__main__":
    run(main)
