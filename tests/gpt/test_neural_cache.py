import math

import pytest
import torch
from torch import Tensor

from lookingglass.gpt import neural_cache
from lookingglass.gpt.model import GPT, Config
from lookingglass.gpt.neural_cache import cache_log_prob, hidden_states
from lookingglass.gpt.scoring import log_prob
from lookingglass.gpt.vocabulary import Vocabulary


def by_hand(hidden: Tensor, targets: Tensor, theta: float, i: int) -> float:
    """Equation 3 of Grave et al. 2017, by the letter."""
    weights = [math.exp(theta * float(hidden[i] @ hidden[j])) for j in range(i)]
    same = sum(w for w, target in zip(weights, targets, strict=False) if target == targets[i])
    return math.log(same / sum(weights)) if same else -math.inf


@pytest.mark.parametrize("theta", [0.0, 0.5])
def test_it_is_the_papers(theta: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(neural_cache, "ROWS", 7)  # several, the last one shorter
    generator = torch.Generator().manual_seed(0)
    hidden = torch.randn(40, 5, generator=generator, dtype=torch.float64)
    targets = torch.randint(8, (40,), generator=generator)
    found = cache_log_prob(hidden, targets, theta)
    expected = [by_hand(hidden, targets, theta, i) for i in range(40)]
    assert expected[0] == -math.inf
    torch.testing.assert_close(found, torch.tensor(expected, dtype=torch.float64))


def test_it_is_a_distribution_over_what_came() -> None:
    """Whatever comes last: the probabilities of all tokens that it could be add up to 1."""
    hidden, history = torch.randn(6, 3, generator=torch.Generator().manual_seed(1)), [1, 4, 1, 2, 4]
    log_p = [cache_log_prob(hidden, torch.tensor([*history, w]), 0.7)[-1] for w in range(6)]
    assert float(torch.stack(log_p).exp().sum()) == pytest.approx(1)


def test_hidden_states_are_those_that_are_scored(vocabulary: Vocabulary, ids: Tensor) -> None:
    config = Config(block_size=16, n_layer=1, n_head=1, n_embd=8)
    gpt = GPT(config, vocabulary, torch.Generator().manual_seed(0)).eval()
    text = ids[:58]
    hidden = hidden_states(gpt, text, stride=5)
    logits = hidden @ gpt.token_embedding.weight.T + gpt.head_bias
    log_p = gpt.log_probs(logits[None], text[None, 1:])[0]
    torch.testing.assert_close(log_p, log_prob(gpt, text, stride=5))
