"""Inversion of a small GPT with random weights, and what its head allows for any input."""

import math

import pytest
import torch
from torch import Tensor

from lookingglass.gpt.inversion import Inversion, invert, nearest, produced, representatives
from lookingglass.gpt.model import GPT
from lookingglass.gpt.reach import reach

LENGTH = 6


def run(gpt: GPT, ids: Tensor, seed: int = 0, **options: float) -> Inversion:
    recipe = {"restarts": 3, "steps": 80, "learning_rate": 0.1} | options
    return invert(gpt, ids, **recipe, generator=torch.Generator().manual_seed(seed))


def all_log_probs(gpt: GPT, logits: Tensor) -> Tensor:
    """Over all 50,257 tokens, from the definition."""
    return logits.log_softmax(dim=-1)[..., gpt.row] + gpt.log_prior


def stretched(gpt: GPT) -> GPT:
    """Give the head random gains, offsets and biases, so that some tokens can never lead."""
    generator = torch.Generator().manual_seed(4)
    for tensor, scale in ((gpt.ln_f.weight, 0.3), (gpt.ln_f.bias, 0.5), (gpt.head_bias, 2.0)):
        tensor += scale * torch.randn(tensor.shape, generator=generator)
    return gpt


def test_every_restart_finds_the_text(gpt: GPT, ids: Tensor) -> None:
    target = ids[:LENGTH]
    found = run(gpt, target)
    assert found.losses.shape == found.matches.shape == (81, 3)
    assert found.best.tolist() == [LENGTH] * 3
    logits = gpt(embeddings=found.vectors)
    assert (all_log_probs(gpt, logits).argmax(dim=-1) == target).all()
    assert (found.matches[0] < LENGTH).all(), "produced from the start: nothing is tested"
    assert (found.losses[-1] < 0.2 * found.losses[0]).all()


def test_output_i_is_compared_with_token_i_over_all_tokens(gpt: GPT, ids: Tensor) -> None:
    """Losses and matches at the start, from the definition."""
    target = ids[:LENGTH]
    found = run(gpt, target, steps=0)
    log_p = all_log_probs(gpt, gpt(embeddings=found.vectors))
    own = log_p.gather(-1, target.expand(3, -1)[..., None])[..., 0]
    torch.testing.assert_close(found.losses[0], -own.mean(dim=1))
    assert found.matches[0].tolist() == (log_p.argmax(dim=-1) == target).sum(dim=1).tolist()


def test_the_best_vectors_are_kept(gpt: GPT, ids: Tensor) -> None:
    """Even if a lower loss undoes matches: some tokens lead, but not where they are likeliest.

    At least one restart has more matches on its way to the least loss than at it.
    """
    target = ids.unique()[16:28]
    found = run(stretched(gpt), target, restarts=12, steps=100)
    assert (found.matches[-1] < found.best).any(), "nothing was undone: nothing is tested"
    again = (produced(gpt, embeddings=found.vectors) == target).sum(dim=1)
    assert again.tolist() == found.best.tolist()
    loss = -gpt.log_probs(gpt(embeddings=found.vectors), target.expand(12, -1)).mean(dim=1)
    candidates = found.losses.masked_fill(found.matches < found.best, torch.inf)
    torch.testing.assert_close(loss, candidates.amin(dim=0))
    for restart, step in enumerate(found.first.tolist()):
        assert (found.matches[:step, restart] < found.best[restart]).all()
        assert found.matches[step, restart] == found.best[restart]


def test_nothing_but_the_vectors_changes(gpt: GPT, ids: Tensor) -> None:
    gpt.requires_grad_(True)  # the model stays frozen even if its weights are not marked so
    before = {name: tensor.clone() for name, tensor in gpt.state_dict().items()}
    state = torch.get_rng_state()
    run(gpt, ids[:LENGTH], steps=5)
    assert all(torch.equal(before[name], tensor) for name, tensor in gpt.state_dict().items())
    assert all(parameter.grad is None for parameter in gpt.parameters())
    assert torch.equal(torch.get_rng_state(), state), "the global generator was used"


def test_seeds_and_restarts(gpt: GPT, ids: Tensor) -> None:
    first, same, other = (run(gpt, ids[:LENGTH], seed, steps=20) for seed in (0, 0, 1))
    assert torch.equal(first.vectors, same.vectors)
    assert torch.equal(first.losses, same.losses)
    assert not torch.equal(first.vectors, other.vectors)
    for a, b in ((0, 1), (0, 2), (1, 2)):
        assert float((first.vectors[a] - first.vectors[b]).norm()) > 0.5


def test_restarts_are_independent(gpt: GPT, ids: Tensor) -> None:
    """The first restart goes the same way alone as among three."""
    torch.testing.assert_close(
        run(gpt, ids[:LENGTH], restarts=1, steps=10).losses[:, 0],
        run(gpt, ids[:LENGTH], restarts=3, steps=10).losses[:, 0],
        rtol=1e-3,
        atol=1e-3,
    )


def test_the_start_is_as_wide_as_the_embeddings(gpt: GPT, ids: Tensor) -> None:
    start = run(gpt, ids[:LENGTH], restarts=200, steps=0).vectors
    assert float(start.std()) == pytest.approx(float(gpt.token_embedding.weight.std()), rel=0.03)
    assert abs(float(start.mean())) < 0.03 * float(start.std())


def test_unknown_tokens_are_named(gpt: GPT) -> None:
    ids = gpt.encode("the King encrypted a squirrel")
    with pytest.raises(ValueError, match="row of their own") as error:
        run(gpt, ids)
    for name in ("' encrypted'", "' squirrel'"):
        assert name in str(error.value)
    assert "King" not in str(error.value)


@pytest.mark.parametrize("length", [0, 17])
def test_what_cannot_be_inverted(gpt: GPT, ids: Tensor, length: int) -> None:
    with pytest.raises(ValueError, match=f"{length} tokens: must be from 1 to 16"):
        run(gpt, ids[:length])


def test_representatives(gpt: GPT) -> None:
    ids, log_p = representatives(gpt)
    for row in range(gpt.vocabulary.rows):
        members = torch.nonzero(gpt.row == row).flatten()
        if not len(members):
            assert log_p[row] == -math.inf
            continue
        best = members[gpt.log_prior[members].argmax()]
        assert (int(ids[row]), float(log_p[row])) == (int(best), float(gpt.log_prior[best]))


def test_the_nearest_tokens_are_nearest_of_all(gpt: GPT) -> None:
    generator = torch.Generator().manual_seed(2)
    vectors = torch.randn(2, 4, 24, generator=generator) * gpt.token_embedding.weight.std()
    vectors[1, 3] = gpt.token_embedding.weight[5]
    found = nearest(gpt, vectors)
    every = gpt.token_embedding.weight[gpt.row]  # of all 50,257
    for index in [(b, t) for b in range(2) for t in range(4)]:
        distance = (every - vectors[index]).norm(dim=1)
        cosine = torch.cosine_similarity(every, vectors[index][None], dim=1)
        for value, id, numbers in (
            (found.distance[index], found.ids[index], distance),
            (-found.cosine[index], found.cosine_ids[index], -cosine),
        ):
            assert float(value) == pytest.approx(float(numbers.min()), abs=1e-5)
            assert float(numbers[id]) == pytest.approx(float(numbers.min()), abs=1e-5)
    assert found.ids[1, 3] == gpt.vocabulary.tokens[5]
    assert float(found.distance[1, 3]) == 0


def states(gpt: GPT, count: int) -> Tensor:
    """Logits for random inputs to the last layer norm."""
    x = torch.randn(count, 24, generator=torch.Generator().manual_seed(3))
    return gpt.ln_f(x) @ gpt.token_embedding.weight.T + gpt.head_bias


def test_no_state_exceeds_the_bounds_and_some_reach_them(gpt: GPT, ids: Tensor) -> None:
    gpt = stretched(gpt)
    target = ids.unique()[:16]
    found = reach(gpt, target)
    assert (found.log_prob_bound - found.log_prob).abs().max() < 1e-4
    assert (found.lead <= found.lead_bound + 1e-9).all()
    assert (found.lead_bound - found.lead).max() < 0.1
    assert (found.usual_lead <= found.lead + 1e-9).all()
    assert (found.lead_bound < 0).any()
    assert (found.lead > 0).any()

    log_p = all_log_probs(gpt, states(gpt, 500))
    assert (log_p[:, target] <= found.log_prob_bound).all()
    top = log_p.topk(2, dim=1)
    for index, id in enumerate(target):
        others = torch.where(top.indices[:, 0] == id, top.values[:, 1], top.values[:, 0])
        assert (log_p[:, id] - others <= found.lead_bound[index]).all()


def test_the_inversion_gets_as_far_as_the_head_allows(gpt: GPT, ids: Tensor) -> None:
    """It reaches the least loss of any input; a token that can never lead is not produced."""
    gpt = stretched(gpt)
    target = ids.unique()[:8]
    limit = reach(gpt, target)
    found = run(gpt, target, steps=400, learning_rate=0.3, restarts=2)
    floor = -float(limit.log_prob.mean())
    assert (found.losses >= floor - 1e-4).all()
    assert float(found.losses.min()) < floor + 0.02
    impossible = limit.lead_bound < 0
    assert impossible.any()
    assert not (produced(gpt, embeddings=found.vectors) == target)[:, impossible].any()
