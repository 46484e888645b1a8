"""Searches over real tokens, compared with brute force and the plain model."""

import itertools

import pytest
import torch
from torch import Tensor

from lookingglass.gpt import token_search
from lookingglass.gpt.model import GPT, Config
from lookingglass.gpt.token_search import Found, beam, gcg
from lookingglass.gpt.vocabulary import SIZE, Vocabulary


@pytest.fixture
def tiny(table: bytes) -> GPT:
    """Four rows of single tokens and those of the unknown classes: 22 in all."""
    own = torch.tensor([40, 257, 716, 1310])
    unseen = torch.ones(SIZE, dtype=torch.bool)
    unseen[own] = False
    vocabulary = Vocabulary(table, own, torch.where(unseen, -9.0, 0.0).double())
    gpt = GPT(Config(8, 2, 2, 8), vocabulary, torch.Generator().manual_seed(5))
    with torch.no_grad():
        for parameter in gpt.parameters():
            if parameter.ndim == 2:
                parameter *= 30
    return gpt.requires_grad_(False)


def scores(gpt: GPT, inputs: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
    """Matches and mean losses of inputs, from the definition."""
    log_p = gpt(inputs).log_softmax(dim=-1)[..., gpt.row] + gpt.log_prior
    own = log_p.gather(-1, target.expand(len(inputs), -1)[..., None])[..., 0]
    return (log_p.argmax(dim=-1) == target).sum(dim=1), -own.mean(dim=1)


def check_reported(gpt: GPT, found: Found, target: Tensor) -> None:
    match, loss = scores(gpt, found.ids[None], target)
    assert found.match == int(match[0])
    assert found.loss == pytest.approx(float(loss[0]), abs=1e-4)


def brute_force(gpt: GPT, target: Tensor) -> tuple[int, float]:
    """The most matches of any input, and the least loss with that many; `tiny`'s prior is flat."""
    one_of_each = [int(torch.nonzero(gpt.row == row)[0]) for row in gpt.row.unique()]
    inputs = torch.tensor(list(itertools.product(one_of_each, repeat=len(target))))
    log_p = gpt(inputs).log_softmax(dim=-1)
    log_p[..., len(gpt.vocabulary.tokens) :] -= 9
    own = gpt.row[target]
    loss = -log_p.gather(-1, own.expand(len(inputs), -1)[..., None])[..., 0].mean(dim=1)
    match = (log_p.argmax(dim=-1) == own).sum(dim=1)
    return int(match.max()), float(loss[match == match.max()].min())


@pytest.mark.parametrize("target", [[40], [716, 40], [257, 1310, 40], [716, 257, 1310]])
def test_the_widest_beam_is_brute_force(tiny: GPT, target: list[int]) -> None:
    text = torch.tensor(target)
    found = beam(tiny, text, width=10_000)
    assert (found.match, pytest.approx(found.loss, abs=1e-4)) == brute_force(tiny, text)
    check_reported(tiny, found, text)


def test_without_a_cache_it_is_the_same_and_a_wider_beam_finds_more(gpt: GPT, ids: Tensor) -> None:
    results = [beam(gpt, ids[:5], width=width) for width in (1, 8)]
    for found in results:
        check_reported(gpt, found, ids[:5])
    narrow, wide = results
    assert (wide.match, -wide.loss) > (narrow.match, -narrow.loss)


def test_chunks_change_nothing(gpt: GPT, ids: Tensor, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = beam(gpt, ids[:4], width=3)
    monkeypatch.setattr(token_search, "CHUNK", 7)
    parts = beam(gpt, ids[:4], width=3)
    assert torch.equal(parts.ids, whole.ids)
    assert parts.match == whole.match


def search(gpt: GPT, ids: Tensor, seed: int = 0, **options: int) -> tuple[Found, Tensor]:
    recipe = {"steps": 15, "top_k": 8, "candidates": 32} | options
    return gcg(gpt, ids, **recipe, generator=torch.Generator().manual_seed(seed))


def test_gcg_keeps_the_best_and_gets_better(gpt: GPT, ids: Tensor) -> None:
    found, losses = search(gpt, ids[:5])
    assert losses.shape == (16,)
    assert (losses.diff() <= 0).all()
    assert float(losses[-1]) < float(losses[0]) - 0.5
    assert found.loss == pytest.approx(float(losses[-1]))
    check_reported(gpt, found, ids[:5])


def test_gcg_tries_its_candidates_in_any_chunks(
    gpt: GPT, ids: Tensor, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, _ = search(gpt, ids[:5])
    monkeypatch.setattr(token_search, "CHUNK", 20)
    assert torch.equal(search(gpt, ids[:5])[0].ids, whole.ids)


def test_gcg_finds_the_best_single_token(gpt: GPT, ids: Tensor) -> None:
    """With one position and all tokens on the list, enough candidates cover all of them."""
    found, _ = search(gpt, ids[:1], steps=1, top_k=SIZE, candidates=3000)
    every = torch.tensor([int(torch.nonzero(gpt.row == row)[0]) for row in gpt.row.unique()])
    _, loss = scores(gpt, every[:, None], ids[:1])
    assert found.loss == pytest.approx(float(loss.min()), abs=1e-4)


def test_the_gradient_helps(gpt: GPT, ids: Tensor) -> None:
    """Few candidates from short lists do better than as few from all tokens, which is chance."""
    by_gradient, by_chance = (
        sum(search(gpt, ids[:5], seed, top_k=top_k, candidates=8)[0].loss for seed in range(6))
        for top_k in (8, SIZE)
    )
    assert by_gradient < by_chance - 0.5


def test_seeds(gpt: GPT, ids: Tensor) -> None:
    before = torch.get_rng_state()
    (first, losses), (same, same_losses), (_, other) = (
        search(gpt, ids[:5], seed) for seed in (0, 0, 1)
    )
    assert torch.equal(first.ids, same.ids)
    assert torch.equal(losses, same_losses)
    assert not torch.equal(losses, other)
    assert torch.equal(torch.get_rng_state(), before), "the global generator was used"


def test_what_cannot_be_searched(gpt: GPT) -> None:
    with pytest.raises(ValueError, match=r"row of their own.*: ' squirrel'"):
        search(gpt, gpt.encode(" the squirrel"))
    with pytest.raises(ValueError, match=r"row of their own.*: ' squirrel'"):
        beam(gpt, gpt.encode(" the squirrel"), width=1)
