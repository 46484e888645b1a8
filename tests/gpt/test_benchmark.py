"""The GPT's benchmark at a tiny size: it compares with what it says it does."""

import pytest
import torch
from torch import Tensor

from benchmarks.gpt import PLAIN, compare_generation, compare_training
from benchmarks.peer_gpt import Peer
from benchmarks.plain_gpt import PlainGPT
from benchmarks.race import EVERY, Outcome, Scored, loss_of, race
from benchmarks.turns import Spent, comparison
from lab.core.params import load
from lookingglass.gpt.generation import generate
from lookingglass.gpt.model import GPT, Config
from lookingglass.gpt.vocabulary import SIZE, Vocabulary, full
from stages.gpt.train_gpt import Params

SHAPE = Config(block_size=16, n_layer=2, n_head=2, n_embd=16)


def same_models(table: bytes) -> tuple[PlainGPT, GPT]:
    """The plain model and ours with its weights; its head is tied to the embedding, as ours is."""
    torch.manual_seed(0)
    plain = PlainGPT(SIZE, SHAPE).eval().requires_grad_(False)
    for parameter in plain.parameters():
        parameter += 0.3 * torch.randn(parameter.shape)
    plain.head.weight = plain.token_embedding.weight
    gpt = GPT(SHAPE, full(table))
    missing, surplus = gpt.load_state_dict(plain.state_dict(), strict=False)
    assert missing == ["head_bias"]
    assert all(name == "head.weight" or name.endswith(".mask") for name in surplus)
    with torch.no_grad():
        gpt.head_bias.zero_()
    return plain, gpt.requires_grad_(False).eval()


def test_the_plain_way_is_the_same_function(table: bytes, ids: Tensor) -> None:
    plain, gpt = same_models(table)
    logits = plain(ids[None, :16])
    assert float(logits.std()) > 1, "the comparison would mean little"
    torch.testing.assert_close(logits, gpt(ids[None, :16]), rtol=0, atol=1e-4)
    ours, theirs = loss_of(gpt, ids, 4), loss_of(Scored(plain, table), ids, 4)
    torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-4)
    new = generate(gpt, ids[:5], temperature=0.0, generator=torch.Generator())
    assert plain.generate(ids[:5], 11, temperature=1.0, top_k=1) == [next(new) for _ in range(11)]


@pytest.mark.long
def test_the_plain_way_and_the_peer_learn(ids: Tensor) -> None:
    torch.manual_seed(0)
    for model in (PlainGPT(SIZE, SHAPE), Peer(SHAPE)):
        steps = model.train_steps(ids, 16)
        losses = [next(steps) for _ in range(40)]
        assert losses[-1] < losses[0] - 0.2


def test_all_take_turns(vocabulary: Vocabulary, ids: Tensor) -> None:
    spent, (ours, plain, peer) = compare_training(
        SHAPE,
        vocabulary,
        load("train_gpt", Params),
        ids,
        batch_size=2,
        rounds=2,
        steps=1,
        bfloat16=True,
    )
    assert [len(rounds) for rounds in spent.values()] == [2] * 6
    assert all(one.wall > 0 and one.cpu > 0 for rounds in spent.values() for one in rounds)
    spent = compare_generation(ours, plain, peer, ids[:4], 12, 1)
    assert list(spent) == [PLAIN, "ours", "transformers"]
    assert [len(one.generate(ids[:4], 12, temperature=1.0, top_k=5)) for one in (plain, peer)] == [
        12,
        12,
    ]


def test_ratios_are_within_a_round() -> None:
    """The machine was ten times as slow in the second round, for both."""
    spent = {"a": [Spent(2, 4), Spent(20, 40), Spent(2, 4)]}
    spent["b"] = [Spent(1, 1), Spent(10, 10), Spent(0.5, 1)]
    rows = comparison(spent, "a", tokens=10)
    assert rows == [["a", "5", "1.0", "", "1.0"], ["b", "10", "2.0", "2.0 to 4.0", "4.0"]]


def test_the_race_ends_where_ours_is_below() -> None:
    states = [(20 * i, Spent(i, i), loss) for i, loss in enumerate((6.0, 5.5, 5.2, 5.3), start=1)]
    assert Outcome(Spent(9, 9), 3, 5.5, states).reached == states[2]
    assert Outcome(Spent(9, 9), 3, 5.0, states).reached is None


def test_race(vocabulary: Vocabulary, ids: Tensor) -> None:
    recipe = load("train_gpt", Params).model_copy(
        update={"steps": 2 * EVERY, "n_layer": 1, "n_embd": 16, "block_size": 16, "batch_size": 4}
    )
    parts = {"train": ids, "test": ids}
    text = race(SHAPE, 2, vocabulary, recipe, parts, 0.05, 4)
    assert "processor seconds" in text
    assert f"After {2 * EVERY} steps" in text
