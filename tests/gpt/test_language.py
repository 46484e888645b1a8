import math

import pytest
import torch
from torch import Tensor

from lookingglass.gpt.divergence import (
    conditional_entropies,
    divergence,
    improbability_of_generated,
    mean_and_error,
    times_seen,
)
from lookingglass.gpt.language import Language, Predictor, fit_language, gpt_predictor
from lookingglass.gpt.model import GPT, Config
from lookingglass.gpt.vocabulary import compact
from tests.gpt.test_ngram import text_of

NAMES = torch.tensor([11, 13, 257, 286, 290, 464, 50000])  # GPT-2's ids for the tokens of text_of


def tiny(order: int) -> Language:
    return fit_language(NAMES[torch.tensor(text_of(300))], order)


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def exact_rate(language: Language) -> float:
    """The entropy rate from the stationary distribution of all contexts, by linear algebra."""
    V, memory = len(language.tokens), language.order - 1
    contexts = torch.cartesian_prod(*[language.tokens] * memory).view(-1, memory)
    p = language(contexts, 1)[:, 0].exp()
    moves = torch.zeros(V**memory, V**memory, dtype=torch.float64)
    for context in range(V**memory):
        following = context % V ** (memory - 1) * V
        moves[context, following : following + V] = p[context]
    balance = torch.cat([moves.T - torch.eye(V**memory), torch.ones(1, V**memory)])
    target = torch.zeros(V**memory + 1, 1, dtype=torch.float64)
    target[-1] = 1
    stationary = torch.linalg.lstsq(balance, target).solution[:, 0]
    return float(-(stationary[:, None] * p * p.log()).sum())


def constant(probs: list[float]) -> Predictor:
    """A model that expects the same, whatever came before."""
    log_p = torch.tensor(probs, dtype=torch.float64).log()
    return lambda ids, last: log_p.expand(len(ids), last, -1)


@pytest.mark.parametrize("order", [1, 2, 3, 5])
def test_the_predictor_is_the_n_gram_models_distribution(order: int) -> None:
    language = tiny(order)
    ids = language.draw(40, seeded())
    found = language(torch.stack([ids, ids.flip(0)]), 40)
    for text, log_p in zip((ids, ids.flip(0)), found, strict=True):
        for i in range(40):
            p = language.model.distribution(language.places(text[: i + 1]))
            torch.testing.assert_close(log_p[i].exp(), p, rtol=1e-12, atol=0)
    torch.testing.assert_close(language(ids[None], 7)[0], found[0, -7:], rtol=0, atol=0)


def test_only_the_languages_own_tokens() -> None:
    with pytest.raises(ValueError, match="not in the language"):
        tiny(2).places(torch.tensor([11, 12]))
    with pytest.raises(ValueError, match="not in the language"):
        fit_language(NAMES, 2, NAMES[:-1])


@pytest.mark.parametrize("order", [1, 2, 3])
def test_draws_have_the_right_frequencies(order: int) -> None:
    """Pearson's chi-squared over all contexts, those included that the source has not seen."""
    language, memory = tiny(order), max(1, order - 1)
    places = language.places(language.draw(40_000, seeded(order)))
    V = len(language.tokens)
    grams = places.unfold(0, memory + 1, 1)
    index = (grams * V ** torch.arange(memory, -1, -1)).sum(dim=1)
    counts = index.bincount(minlength=V ** (memory + 1)).view(-1, V).double()
    contexts = torch.cartesian_prod(*[language.tokens] * memory).view(-1, memory)
    expected = counts.sum(dim=1, keepdim=True) * language(contexts, 1)[:, 0].exp()
    enough = expected.amin(dim=1) >= 5
    assert int(enough.sum()) > V // 2
    squares = ((counts - expected) ** 2 / expected)[enough].sum()
    freedom = int(enough.sum()) * (V - 1)
    assert abs(float(squares) - freedom) < 4 * math.sqrt(2 * freedom)


def test_draws_are_reproducible_and_differ_by_seed() -> None:
    first, second = (tiny(3).draw(100, seeded(seed)) for seed in (0, 1))
    assert torch.equal(first, tiny(3).draw(100, seeded()))
    assert not torch.equal(first, second)


def test_the_entropy_rate_of_a_chain_of_two_states() -> None:
    language = fit_language(torch.tensor([5, 9, 5, 5, 9, 9, 9, 5, 9, 9, 5, 9]), 2)
    after = language(language.tokens[:, None], 1)[:, 0].exp()
    a, b = float(after[0, 1]), float(after[1, 0])  # the probabilities of leaving each state

    def entropy(p: float) -> float:
        return -p * math.log(p) - (1 - p) * math.log(1 - p)

    rate = (b * entropy(a) + a * entropy(b)) / (a + b)
    assert exact_rate(language) == pytest.approx(rate, abs=1e-12)
    found = conditional_entropies(language, language.draw(50_000, seeded()), 1)
    mean, error = mean_and_error(found)
    assert 0 < error < 0.002
    assert mean == pytest.approx(rate, abs=4 * error)


@pytest.mark.parametrize("order", [2, 3])
def test_the_truths_own_excess_is_0_within_its_error(order: int) -> None:
    language = tiny(order)
    text, rate = language.draw(40_000, seeded(2)), exact_rate(language)
    windows = text.unfold(0, 33, 16)
    own = divergence(language, language, language.tokens, windows, 16)
    assert float(own.excess.abs().max()) < 1e-12
    assert float(own.total_variation.abs().max()) < 1e-12
    for values in (own.loss, own.entropy):
        mean, error = mean_and_error(values.flatten())
        assert error < 0.02
        assert mean == pytest.approx(rate, abs=4 * error)
    found = conditional_entropies(language, text, order - 1)
    assert mean_and_error(found)[0] == pytest.approx(rate, abs=4 * mean_and_error(found)[1])


def test_kneser_ney_refitted_has_an_excess_that_shrinks_with_the_text() -> None:
    language = tiny(3)
    test = language.draw(20_000, seeded(3)).unfold(0, 33, 16)
    means = []
    for size in (300, 3000, 30_000):
        model = fit_language(language.draw(size, seeded(4)), 3, language.tokens)
        found = divergence(language, model, language.tokens, test, 16)
        mean, error = mean_and_error(found.excess.flatten())
        assert mean > 4 * error > 0
        assert float(found.excess.min()) > -1e-12, "a KL divergence is not negative"
        by_losses, error = mean_and_error((found.loss - found.surprisal).flatten())
        assert by_losses == pytest.approx(mean, abs=4 * error)
        means.append(mean)
    assert means == sorted(means, reverse=True)


def test_divergence_by_hand() -> None:
    p, q = constant([0.5, 0.25, 0.25]), constant([0.25, 0.25, 0.5])
    tokens, window = torch.tensor([3, 5, 8]), torch.tensor([[3, 3, 8, 5]])
    found = divergence(p, q, tokens, window, 2)
    log2 = math.log(2)
    assert found.surprisal.tolist() == [pytest.approx([2 * log2, 2 * log2])]
    assert found.loss.tolist() == [pytest.approx([log2, 2 * log2])]
    assert found.entropy.tolist() == [pytest.approx([1.5 * log2] * 2)]
    assert found.excess.tolist() == [pytest.approx([0.25 * log2] * 2)]
    assert found.total_variation.tolist() == [pytest.approx([0.25] * 2)]


def test_a_few_windows_at_a_time_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    language = tiny(3)
    model = fit_language(language.draw(500, seeded()), 3, language.tokens)
    windows = language.draw(500, seeded(1)).unfold(0, 17, 8)
    at_once = divergence(language, model, language.tokens, windows, 8)
    monkeypatch.setattr("lookingglass.gpt.divergence.MAX_NUMEL", 1)
    assert torch.equal(
        divergence(language, model, language.tokens, windows, 8).excess, at_once.excess
    )


def autoregressive(phi: float, count: int) -> Tensor:
    noise = torch.randn(count, dtype=torch.float64, generator=seeded())
    x = torch.zeros(count, dtype=torch.float64)
    for i in range(1, count):
        x[i] = phi * x[i - 1] + noise[i]
    return x


@pytest.mark.parametrize("phi", [0.0, 0.8])
def test_the_error_of_a_mean_of_correlated_numbers(phi: float) -> None:
    """That of an autoregressive process has a closed form, 1 / ((1 - phi) sqrt(n))."""
    values = autoregressive(phi, 50_000)
    mean, error = mean_and_error(values)
    assert mean == pytest.approx(float(values.mean()))
    assert error == pytest.approx(1 / ((1 - phi) * math.sqrt(50_000)), rel=0.35)
    with pytest.raises(ValueError, match="at least 50"):
        mean_and_error(values[:49])


def test_times_seen_by_hand() -> None:
    text = torch.tensor([1, 2, 1, 2, 3, 1, 2])
    contexts = torch.tensor([[1, 2], [2, 3], [3, 3], [1, 2]])
    assert times_seen(text, contexts).tolist() == [2, 1, 0, 2]  # nothing follows the last 1 2


def test_generated_text_scored_by_the_truth() -> None:
    p, q = constant([0.5, 0.25, 0.25]), constant([0.25, 0.25, 0.5])
    tokens, prompts = torch.tensor([3, 5, 8]), torch.tensor([[3], [8]])
    found = improbability_of_generated(p, q, tokens, prompts, 4, seeded())
    assert found.flatten().tolist() == pytest.approx([1.75 * math.log(2)] * 8)

    language = tiny(3)
    prompts = language.draw(800, seeded()).view(200, 4)
    own = improbability_of_generated(language, language, language.tokens, prompts, 50, seeded())
    mean, error = mean_and_error(own.mean(dim=1), 200)
    assert mean == pytest.approx(exact_rate(language), abs=4 * error)
    model = fit_language(language.draw(300, seeded(1)), 3, language.tokens)
    worse = improbability_of_generated(language, model, language.tokens, prompts, 50, seeded())
    assert float(worse.mean()) > mean + 4 * error


def test_a_gpt_as_a_model_of_the_language(table: bytes) -> None:
    vocabulary = compact(table, NAMES, torch.tensor([1, 2]))
    gpt = GPT(Config(8, 1, 1, 8), vocabulary, seeded()).eval()
    ids = NAMES[torch.tensor([text_of(8), text_of(18)[10:]])]
    found = gpt_predictor(gpt, NAMES)(ids, 3).exp()
    torch.testing.assert_close(found.sum(dim=-1), torch.ones(2, 3, dtype=torch.float64))
    every = gpt(ids, last=3).double().softmax(dim=-1)[..., vocabulary.row[NAMES]]
    torch.testing.assert_close(found, every / every.sum(dim=-1, keepdim=True))

    longer = torch.cat([ids[:, :5], ids], dim=1)
    torch.testing.assert_close(gpt_predictor(gpt, NAMES)(longer, 3).exp(), found)
    with pytest.raises(ValueError, match="without a row"):
        gpt_predictor(gpt, torch.tensor([11, 12]))
