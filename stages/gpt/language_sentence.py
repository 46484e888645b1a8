"""One sentence of the known language: the true distribution of each token beside the models'."""

from itertools import pairwise
from typing import Annotated

import torch
from pydantic import Field
from torch import Tensor

from lab.core.artifacts import read_arrays, read_metrics, write_table
from lab.core.entry import run
from lab.core.params import Section, load
from lab.data.tokens import excerpt, read_tokens
from lookingglass.gpt.language import Predictor, fit_language, gpt_predictor
from lookingglass.gpt.pieces import token_texts
from lookingglass.gpt.vocabulary import Vocabulary
from lookingglass.gpt.weights import load_gpt
from lookingglass.gpt.words import SENTENCE_END


class Params(Section):
    tokens: Annotated[int, Field(ge=4, le=40)]
    candidates: Annotated[int, Field(ge=2, le=20)]


def find_sentence(vocabulary: Vocabulary, ids: Tensor, first: int, length: int) -> range:
    """The places of the first sentence of `length` tokens that starts at `first` or later.

    Of any `length` tokens if the text has no such sentence.
    """
    texts = token_texts(vocabulary, ids)
    ends = [i + 1 for i, text in enumerate(texts) if i + 1 >= first and SENTENCE_END.search(text)]
    fit = (start for start, stop in pairwise(ends) if stop - start == length)
    start = next(fit, first)
    return range(start, start + length)


def candidates(p: list[Tensor], came: int, count: int) -> list[int]:
    """The likeliest tokens by the first of some distributions, and the one that came, in order."""
    top = p[0].argsort(descending=True, stable=True)[:count].tolist()
    return top if came in top else [*top[:-1], came]


def main() -> None:
    params = load("language_sentence", Params)
    torch.set_num_threads(1)
    order = read_metrics("metrics/details/language.json")["order"]
    gpt = load_gpt("models/language.safetensors")
    book = excerpt(read_tokens("data/tokens.npz")["train"])
    arrays = read_arrays("data/language.npz")
    parts = {name: torch.from_numpy(array) for name, array in arrays.items()}
    truth, test, width = fit_language(book, order), parts["test"], gpt.config.block_size
    models: list[Predictor] = [
        truth,
        gpt_predictor(gpt, truth.tokens),
        fit_language(parts["train"], order, truth.tokens),
    ]
    rows = []
    for place in find_sentence(gpt.vocabulary, test, width, params.tokens):
        p = [model(test[None, place - width : place], 1)[0, 0].exp() for model in models]
        came = int(truth.places(test[place]))
        chosen = candidates(p, came, params.candidates)
        texts = token_texts(gpt.vocabulary, truth.tokens[chosen])
        after = "".join(token_texts(gpt.vocabulary, test[place - max(1, order - 1) : place]))
        rows += [
            [place, after, text, int(w == came), *(float(of_model[w]) for of_model in p)]
            for w, text in zip(chosen, texts, strict=True)
        ]
    write_table(
        "data/language_sentence.csv",
        ["position", "after", "token", "came", "truth", "gpt", "ngram"],
        rows,
    )


if __name__ == "__main__":
    run(main)
