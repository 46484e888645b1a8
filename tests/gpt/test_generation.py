from itertools import islice

import pytest
import torch
from torch import Tensor

from lookingglass.gpt.generation import draws, generate, next_probs, take_words
from lookingglass.gpt.model import GPT


def take(gpt: GPT, ids: Tensor, count: int, seed: int = 0, **options: object) -> list[int]:
    generator = torch.Generator().manual_seed(seed)
    return list(islice(generate(gpt, ids, generator=generator, **options), count))


def all_log_probs(gpt: GPT, context: list[int]) -> Tensor:
    logits = gpt(torch.tensor([context]))[0, -1].double()
    return logits.log_softmax(0)[gpt.row] + gpt.log_prior


def test_temperature_zero_takes_the_likeliest_as_without_a_cache(gpt: GPT, ids: Tensor) -> None:
    """40 tokens from 4: past the block's 16 positions, where it starts again from the last 8."""
    context, expected = ids[:4].tolist(), []
    for _ in range(40):
        expected.append(int(all_log_probs(gpt, context).argmax()))
        context.append(expected[-1])
        if len(context) > 16:
            context = context[-8:]
    assert len(set(expected)) > 2
    assert take(gpt, ids[:4], 40, temperature=0.0) == expected
    assert take(gpt, ids[:4], 40, top_k=1) == expected


def test_a_tiny_temperature_is_almost_zero(gpt: GPT, ids: Tensor) -> None:
    assert take(gpt, ids[:4], 20, temperature=1e-320) == take(gpt, ids[:4], 20, temperature=0.0)


def test_words(gpt: GPT) -> None:
    """A word ends where the next begins; trailing white space is not part of it."""
    text = gpt.encode("ish sat\n\n down,  and so on")
    assert gpt.decode(torch.tensor(take_words(gpt, iter(text.tolist()), 3))) == "ish sat\n\n down,"
    assert take_words(gpt, iter(gpt.encode("   ").tolist()), 3) == []


def test_seeds(gpt: GPT, ids: Tensor) -> None:
    before = torch.get_rng_state()
    first = take(gpt, ids[:4], 30)
    assert take(gpt, ids[:4], 30) == first
    assert take(gpt, ids[:4], 30, seed=1) != first
    assert torch.equal(torch.get_rng_state(), before), "the global generator was used"


def test_tokens_are_drawn_as_the_model_says(gpt: GPT, ids: Tensor) -> None:
    prompt, draws = ids[:10], 2000
    generator = torch.Generator().manual_seed(0)
    counts = torch.zeros(50257)
    for _ in range(draws):
        counts[next(generate(gpt, prompt, temperature=1.5, generator=generator))] += 1
    expected = draws * (all_log_probs(gpt, prompt.tolist()) / 1.5).softmax(0)
    likely = expected >= 10
    counted = torch.cat([counts[likely], counts[~likely].sum()[None]])
    due = torch.cat([expected[likely], expected[~likely].sum()[None]])
    assert len(due) > 5
    chi_squared = float(((counted - due) ** 2 / due).sum())
    assert chi_squared < len(due) + 4 * (2 * len(due)) ** 0.5


def test_top_k_leaves_the_k_likeliest(gpt: GPT, ids: Tensor) -> None:
    logits = gpt(ids[None, :10])[0, -1]
    order = all_log_probs(gpt, ids[:10].tolist()).argsort(descending=True)
    for k in (1, 5, 100_000):
        probs = next_probs(gpt, logits, 0.7, k)
        chosen = torch.nonzero(probs).flatten()
        assert set(chosen.tolist()) == set(order[:k].tolist())
        assert float(probs.double().sum()) == pytest.approx(1, abs=1e-4)


def test_the_number_of_threads_is_the_callers(gpt: GPT, ids: Tensor) -> None:
    before, used = torch.get_num_threads(), []
    gpt.register_forward_pre_hook(lambda *_: used.append(torch.get_num_threads()))
    torch.set_num_threads(3)
    try:
        take(gpt, ids[:4], 2)
        assert used == [1, 1]
        assert torch.get_num_threads() == 3
    finally:
        torch.set_num_threads(before)


def test_each_token_comes_with_the_probability_it_was_drawn_with(gpt: GPT, ids: Tensor) -> None:
    context = ids[:4].tolist()
    generator = torch.Generator().manual_seed(3)
    for id, p in islice(draws(gpt, ids[:4], temperature=1.3, top_k=20, generator=generator), 12):
        probs = next_probs(gpt, gpt(torch.tensor([context]))[0, -1], 1.3, 20)
        assert p == pytest.approx(float(probs[id]), rel=1e-4)
        context.append(id)


def test_a_negative_temperature_is_refused(gpt: GPT, ids: Tensor) -> None:
    """It would favour the unlikely."""
    with pytest.raises(ValueError, match=r"temperature = -1\.0: must be at least 0"):
        take(gpt, ids[:3], 1, temperature=-1.0)
