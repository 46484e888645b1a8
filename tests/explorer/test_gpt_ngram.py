"""The explorer's n-gram model is the library's."""

import pytest
import torch

from lookingglass.gpt.model import GPT
from lookingglass.gpt.ngram import KneserNey, class_base, fit
from tests.explorer.gpt_in_node import JS, ORDER, needs_node, random_ids

pytestmark = needs_node


@pytest.fixture(scope="module")
def kneser_ney(gpt: GPT, training: torch.Tensor) -> KneserNey:
    return fit(training, ORDER, class_base(training, gpt.vocabulary.table))


def test_ngram(gpt: GPT, training: torch.Tensor, kneser_ney: KneserNey, js: JS) -> None:
    starts = torch.randint(len(training) - 8, (30,), generator=torch.Generator().manual_seed(0))
    contexts = [training[start : start + 6].tolist() for start in starts.tolist()]
    contexts += [*random_ids(5, 4).tolist(), [], training[-4:].tolist(), training[-1:].tolist()]
    found = js("contexts.map((ids) => gpt.ngram(ids))", contexts=contexts)
    for context, probs in zip(contexts, found, strict=True):
        expected = kneser_ney.distribution(torch.tensor(context, dtype=torch.int64))
        torch.testing.assert_close(
            torch.tensor(probs, dtype=torch.float64), expected, rtol=1e-12, atol=0
        )


@pytest.mark.parametrize("order", [1, 2, 4, 9])
@pytest.mark.parametrize("time", [1, 3, 300])
def test_ngrams_of_short_texts(
    gpt: GPT, training: torch.Tensor, js: JS, order: int, time: int
) -> None:
    ids = training[:time]
    found = js(
        "makeGPT({ ...data, training: { data: ids }, order }).ngram(ids)",
        ids=ids.tolist(),
        order=order,
    )
    expected = fit(ids, order, class_base(ids, gpt.vocabulary.table)).distribution(ids)
    torch.testing.assert_close(
        torch.tensor(found, dtype=torch.float64), expected, rtol=1e-12, atol=0
    )
