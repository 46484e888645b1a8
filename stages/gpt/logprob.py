"""The log-probability of a sentence that the GPT generates (exercise 3.2.4, question 5)."""

import math
from itertools import islice
from typing import Annotated

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from pydantic import Field
from torch import Tensor

from lab.core.artifacts import write_metrics
from lab.core.entry import run
from lab.core.headline import write_headline
from lab.core.params import PARAMS, Section, Seed, load
from lab.data.tables import write_frame
from lab.data.tokens import read_tokens
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
    """The ids of the prompt and its continuation, and the probabilities the new ones had.

    It ends with the first new token that ends a sentence, in any language, or where the model's
    positions end, so that the model sees all of it whenever it predicts a token.
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
    """How many of the probabilities can be multiplied one by one before the product is 0."""
    return int(np.count_nonzero(np.cumprod(probs, dtype=probs.dtype)))


def score(
    gpt: GPT, ids: Tensor, probs: NDArray[np.float64], test: Tensor
) -> tuple[dict[str, float | int | str], pd.DataFrame]:
    """Log-probabilities of a sentence whose last tokens were sampled with `probs`.

    Returns the metrics, and a table by token.
    """
    given, sampling = len(ids) - len(probs), np.log(probs)
    log_p = log_prob(gpt, ids).double().numpy()

    # an independent computation: the product of probabilities over GPT-2's whole vocabulary
    rows = zip(gpt(ids[None, :-1])[0], ids[1:], strict=True)
    products = np.cumprod([float(next_probs(gpt, row, 1.0, None)[id]) for row, id in rows])
    normal = products > np.finfo(products.dtype).tiny
    differences = np.abs(products[normal] / np.exp(log_p.cumsum()[normal]) - 1)
    book = log_prob(gpt, test, stride=gpt.config.block_size // 4).double().exp().numpy()
    metrics: dict[str, float | int | str] = {
        "sentence": gpt.decode(ids),
        "given": given,
        "tokens": len(log_p),
        "log_prob": float(log_p.sum()),
        "perplexity": math.exp(-float(log_p.sum()) / len(log_p)),
        "product": float(products[-1]),
        "product_difference": float(differences.max()),
        "sampled": len(sampling),
        "log_prob_sampled": float(log_p[given - 1 :].sum()),
        "log_prob_sampling": float(sampling.sum()),
        "held_float32": held(book.astype(np.float32)),
        "held_float64": held(book),
        "test_tokens": len(book),
    }
    table = pd.DataFrame(
        {
            "position": range(len(ids)),
            "token": token_texts(gpt.vocabulary, ids),
            "piece": first_texts(pieces(gpt.vocabulary, ids)),
            "log_prob": ["", *log_p.tolist()],  # nothing stands before the first
            "log_prob_sampling": [*[""] * given, *sampling.tolist()],
        }
    )
    return metrics, table


def main() -> None:
    params = load("logprob", Params)
    torch.set_num_threads(1)
    gpt = load_gpt("models/gpt.safetensors")
    test = read_tokens("data/tokens.npz")["test"]

    metrics, table = score(gpt, *sentence(gpt, params), test)

    write_metrics("metrics/details/logprob.json", metrics)
    write_headline("metrics/logprob.json", metrics, "log_prob")
    write_frame("data/logprob.csv", table)
    print(
        f"{metrics['sentence']!r}: log-probability {metrics['log_prob']:.2f} nats over "
        f"{metrics['tokens']} tokens, perplexity {metrics['perplexity']:.1f}; "
        f"as sampled {metrics['log_prob_sampling']:.2f}"
    )


if __name__ == "__main__":
    run(main)
