import pytest
import torch
from torch import Tensor

from lookingglass.gpt.ablation import commonest, replace_each, word_prob
from lookingglass.gpt.model import GPT
from lookingglass.gpt.scoring import log_prob


def test_the_word_is_as_likely_as_its_tokens_together(gpt: GPT, ids: Tensor) -> None:
    texts = torch.stack([ids[:12], ids[20:32]])
    for start in (1, 9, 11):
        expected = [float(log_prob(gpt, text)[start - 1 :].sum().exp()) for text in texts]
        assert word_prob(gpt, texts, start).tolist() == pytest.approx(expected, rel=1e-4)
    for start in (0, 12):
        with pytest.raises(ValueError, match="must be from 1 to 11"):
            word_prob(gpt, texts, start)


def test_each_token_is_replaced_by_each_other_one(gpt: GPT, ids: Tensor) -> None:
    text, start = ids[:10], 8
    others = torch.cat([ids[2:4], ids[9:10], ids[30:33]])  # two of the text, one of the word
    share = torch.tensor([5, 1, 100, 2, 3, 4], dtype=torch.float64)
    expected = []
    for place in range(start):
        total = weight = 0.0
        for other, times in zip(others, share, strict=True):
            if other not in (text[place], *text[start:]):
                changed = text.clone()
                changed[place] = other
                total += float(times) * float(log_prob(gpt, changed)[start - 1 :].sum().exp())
                weight += float(times)
        expected.append(total / weight)
    assert len(set(expected)) == start
    found = replace_each(gpt, text, start, others, share)
    assert found.tolist() == pytest.approx(expected, rel=1e-4)
    with pytest.raises(ValueError, match="2 others: none is left to stand at 2"):
        replace_each(gpt, text, start, text[[2, 8]], share[:2])


def test_the_commonest() -> None:
    text = torch.tensor([5, 7, 5, 9, 7, 5])
    ids, counts = commonest(text, 2)
    assert (ids.tolist(), counts.tolist()) == ([5, 7], [3, 2])
    assert commonest(text, 10)[0].tolist() == [5, 7, 9]
