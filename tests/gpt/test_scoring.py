import pytest
from torch import Tensor

from lookingglass.gpt.model import GPT
from lookingglass.gpt.scoring import log_prob


def direct(gpt: GPT, ids: Tensor, position: int, start: int) -> float:
    """log p(ids[position] | ids[start:position]), from the definition."""
    logits = gpt(ids[None, start:position])[0, -1].double()
    id = ids[position]
    return float(logits.log_softmax(0)[gpt.row[id]] + gpt.log_prior[id])


def test_each_token_has_the_context_that_fits(gpt: GPT, ids: Tensor) -> None:
    scores = log_prob(gpt, ids[:40], stride=1)
    expected = [direct(gpt, ids, i, max(0, i - 16)) for i in range(1, 40)]
    assert scores.tolist() == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("length", [2, 15, 16, 17, 18, 20, 32, 33, 40, 41])
@pytest.mark.parametrize("stride", [1, 3, 4, 16])
def test_all_tokens_are_scored_with_enough_context(
    gpt: GPT, ids: Tensor, length: int, stride: int
) -> None:
    scores = log_prob(gpt, ids[:length], stride=stride)
    assert len(scores) == length - 1
    for i, score in enumerate(scores.tolist(), start=1):
        allowed = {min(i, 16 - back) for back in range(stride)} if i > 16 else {i}
        assert any(
            score == pytest.approx(direct(gpt, ids, i, i - before), abs=1e-4) for before in allowed
        ), i


def test_unknown_tokens_have_their_share(gpt: GPT) -> None:
    ids = gpt.encode("the Queen encrypted a squirrel")
    assert gpt.vocabulary.is_unknown(ids).any()
    assert log_prob(gpt, ids).tolist() == pytest.approx(
        [direct(gpt, ids, i, 0) for i in range(1, len(ids))], abs=1e-4
    )


@pytest.mark.parametrize(("length", "stride"), [(0, 1), (1, 1), (5, 0), (5, 17)])
def test_what_cannot_be_scored(gpt: GPT, ids: Tensor, length: int, stride: int) -> None:
    with pytest.raises(ValueError, match="must be at least 2, and from 1 to 16"):
        log_prob(gpt, ids[:length], stride=stride)
