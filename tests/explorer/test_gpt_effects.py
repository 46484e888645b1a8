"""What silenced heads and replaced tokens do to the explorer's GPT."""

import numpy as np
import pandas as pd
import pytest
import torch

from lookingglass.gpt.ablation import commonest, replace_each
from lookingglass.gpt.attention import attention
from lookingglass.gpt.generation import next_probs
from lookingglass.gpt.model import GPT
from stages.gpt.attention import rank_correlation
from tests.explorer.gpt_in_node import JS, PROMPT, needs_node
from tests.explorer.gpt_reference import without

pytestmark = needs_node

SILENCED = [[0, 1], [2, 0], [2, 3]]


def test_silenced_heads(gpt: GPT, js: JS) -> None:
    ids = gpt.encode(PROMPT)
    found = js(
        """[gpt.next(ids), gpt.logProbs(ids, { silenced }), gpt.attention(ids, -1, { silenced }),
        gpt.next(ids, { silenced }), gpt.next(ids)]""",
        ids=ids.tolist(),
        silenced=SILENCED,
    )
    cut = without(gpt, SILENCED)
    expected = cut.score(ids[None])[0]
    torch.testing.assert_close(torch.tensor(found[1]), expected, rtol=0, atol=1e-4)
    weights = attention(cut, ids, -1).weights
    torch.testing.assert_close(torch.tensor(found[2]["weights"]), weights, rtol=0, atol=1e-5)
    probs = next_probs(cut, cut(ids[None])[0, -1], 1.0, None)
    torch.testing.assert_close(
        torch.tensor(found[3], dtype=torch.float64), probs, rtol=1e-4, atol=0
    )
    assert found[4] == found[0]  # what was read without the heads is not used again


@pytest.mark.parametrize("silenced", [[], SILENCED])
def test_replace_each_token(
    gpt: GPT, training: torch.Tensor, js: JS, silenced: list[list[int]]
) -> None:
    ids = gpt.encode(PROMPT)
    found = js(
        "[...gpt.replaceEach(ids, { replacements: 12, silenced })].filter((one) => one)",
        ids=ids.tolist(),
        silenced=silenced,
    )
    assert [one["place"] for one in found] == list(range(len(ids) - 1))[::-1]
    p = replace_each(without(gpt, silenced), ids, len(ids) - 1, *commonest(training, 12))
    log_probs = torch.tensor([one["logProb"] for one in found][::-1], dtype=torch.float64)
    torch.testing.assert_close(log_probs, p.log(), rtol=0, atol=1e-4)


@pytest.mark.parametrize("silenced", [[], SILENCED])
def test_silence_each_head(gpt: GPT, js: JS, silenced: list[list[int]]) -> None:
    ids = gpt.encode(PROMPT)
    found = js("[...gpt.silenceEach(ids, { silenced })]", ids=ids.tolist(), silenced=silenced)
    assert len(found) == gpt.config.n_layer * gpt.config.n_head
    for one in found:
        head = [one["block"], one["head"]]
        others = [other for other in silenced if other != head]
        after = without(gpt, [*others, head]).score(ids[None])[0, -1]
        change = after - without(gpt, others).score(ids[None])[0, -1]
        assert one["change"] == pytest.approx(float(change), abs=1e-4), head


@pytest.mark.parametrize("ties", [False, True])
def test_rank_correlation(js: JS, ties: bool) -> None:
    draw = np.random.default_rng(0)
    a, b = draw.normal(size=(2, 40)) if not ties else draw.integers(5, size=(2, 40))
    found = js("rankCorrelation(a, b)", a=a.tolist(), b=b.tolist())
    expected = pd.Series(a).rank().corr(pd.Series(b).rank())
    assert found == pytest.approx(expected, abs=1e-12)
    if not ties:
        assert found == pytest.approx(rank_correlation(a, b), abs=1e-12)
