import pytest
import torch
from torch import Tensor

from lookingglass.gpt.mixture import mix
from lookingglass.gpt.model import GPT, Config
from lookingglass.gpt.neural_cache import cache_log_prob, hidden_states
from lookingglass.gpt.scoring import log_prob
from lookingglass.gpt.vocabulary import Vocabulary
from stages.gpt.evaluate_gpt import evaluate

CHOSEN = ("mixture_weight", "cache_weight", "cache_theta", "cache_mixture_weight")
STRIDE = 5


@pytest.fixture
def gpt(vocabulary: Vocabulary) -> GPT:
    config = Config(block_size=16, n_layer=1, n_head=1, n_embd=8)
    return GPT(config, vocabulary, torch.Generator().manual_seed(0)).eval()


def parts_of(ids: Tensor, test: Tensor) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """Tokens, and made-up scores of an n-gram model."""
    tokens = {"validation": ids[:60].repeat(2), "test": test}
    generator = torch.Generator().manual_seed(1)
    ngram = {
        name: -8 * torch.rand(len(part) - 1, generator=generator).double()
        for name, part in tokens.items()
    }
    return tokens, ngram


def test_what_mixtures_need_is_chosen_on_the_validation_part(gpt: GPT, ids: Tensor) -> None:
    repeats, new = (
        evaluate(gpt, *parts_of(ids, test), STRIDE)
        for test in (ids[:10].repeat(8), ids[60:140])  # a cache is of use to the first only
    )
    assert [repeats[name] for name in CHOSEN] == [new[name] for name in CHOSEN]
    assert repeats["cache_weight"] > 0.1, "the validation part repeats itself"
    assert repeats["loss"] - repeats["cache_loss"] > new["loss"] - new["cache_loss"]


def test_losses_are_those_of_the_mixtures(gpt: GPT, ids: Tensor) -> None:
    tokens, ngram = parts_of(ids, ids[60:140])
    found = evaluate(gpt, tokens, ngram, STRIDE)
    test = tokens["test"]
    alone = log_prob(gpt, test, stride=STRIDE).double()
    hidden = hidden_states(gpt, test, stride=STRIDE)
    cache = cache_log_prob(hidden, test[1:], found["cache_theta"]).double()
    cached = mix(alone, cache, 1 - found["cache_weight"])
    losses = {
        "loss": alone,
        "mixture_loss": mix(alone, ngram["test"], found["mixture_weight"]),
        "cache_loss": cached,
        "cache_mixture_loss": mix(cached, ngram["test"], found["cache_mixture_weight"]),
    }
    for name, log_p in losses.items():
        assert found[name] == pytest.approx(-float(log_p.mean())), name
