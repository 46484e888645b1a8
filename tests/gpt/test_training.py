from itertools import islice

import pytest
import torch
from torch import Tensor

from lookingglass.gpt.beginning import begin
from lookingglass.gpt.model import GPT, Config
from lookingglass.gpt.training import Training, block_loss, learning_rate, train, windows
from lookingglass.gpt.vocabulary import Vocabulary, full

RECIPE = {"warmup": 2, "batch_size": 4, "rare": 0.5, "seed": 3}


def new(vocabulary: Vocabulary, ids: Tensor, dropout: float = 0.1) -> Training:
    config = Config(block_size=16, n_layer=2, n_head=2, n_embd=16, dropout=dropout)
    gpt = GPT(config, vocabulary, torch.Generator().manual_seed(0))
    return begin(gpt, ids, muon_rate=0.02, adam_rate=5e-3, weight_decay=0.1)


def assert_same(one: Training, other: Training) -> None:
    a, b = one.tensors(), other.tensors()
    assert a.keys() == b.keys()
    for name in a:
        assert torch.equal(a[name], b[name]), name


def test_windows_are_the_exercises(ids: Tensor) -> None:
    block = ids[windows(torch.tensor([0, 5]), 16)]
    assert torch.equal(block[1, :-1], ids[5 : 5 + 16])
    assert torch.equal(block[1, 1:], ids[6 : 6 + 16])


def test_it_memorises_the_text(vocabulary: Vocabulary, ids: Tensor) -> None:
    training = new(vocabulary, ids, dropout=0.0)
    before = block_loss(training.gpt, ids)
    recipe = RECIPE | {"rare": 0.0, "batch_size": 16}
    losses = list(train(training, ids, steps=200, **recipe))
    assert len(losses) == 200
    assert block_loss(training.gpt, ids) < 0.5 < 3 < before
    assert losses[-1] < 0.5


def test_interrupted_and_resumed_is_the_same(vocabulary: Vocabulary, ids: Tensor) -> None:
    whole = new(vocabulary, ids)
    losses = list(train(whole, ids, steps=8, **RECIPE))

    first = new(vocabulary, ids)
    start = list(islice(train(first, ids, steps=8, **RECIPE), 3))
    kept = {name: tensor.clone() for name, tensor in first.tensors().items()}
    second = new(vocabulary, ids)
    second.restore(3, [], kept)
    rest = list(train(second, ids, steps=8, **RECIPE))
    assert [*start, *rest] == losses
    assert_same(second, whole)

    again = new(vocabulary, ids)  # the same object, stopped and resumed
    list(islice(train(again, ids, steps=8, **RECIPE), 3))
    list(train(again, ids, steps=8, **RECIPE))
    assert_same(again, whole)


def test_seeds_and_only_seeds_matter(vocabulary: Vocabulary, ids: Tensor) -> None:
    before = torch.get_rng_state()
    runs = [new(vocabulary, ids) for _ in range(3)]
    for run, seed in zip(runs, (3, 3, 4), strict=True):
        list(train(run, ids, steps=3, **(RECIPE | {"seed": seed})))
    assert torch.equal(torch.get_rng_state(), before), "the global generator was used"
    assert_same(runs[0], runs[1])
    weights = [run.gpt.token_embedding.weight for run in runs]
    assert not torch.equal(weights[0], weights[2])


def test_bfloat16_learns_as_float32_does(vocabulary: Vocabulary, ids: Tensor) -> None:
    """Not identical, being rounded to 8 bits; the weights themselves stay in float32."""
    recipe = RECIPE | {"batch_size": 16, "steps": 60}
    runs = [new(vocabulary, ids) for _ in range(3)]
    exact, rounded, again = (
        list(train(run, ids, bfloat16=bfloat16, **recipe))
        for run, bfloat16 in zip(runs, (False, True, True), strict=True)
    )
    assert rounded == again
    assert_same(runs[1], runs[2])
    assert rounded != exact
    assert rounded[0] == pytest.approx(exact[0], rel=1e-3)
    assert rounded[-1] == pytest.approx(exact[-1], rel=0.05)
    assert rounded[-1] < 0.85 * rounded[0]
    assert all(p.dtype == torch.float32 for p in runs[1].gpt.parameters())


def test_words_that_occur_once_teach_the_unknown_classes(
    vocabulary: Vocabulary, ids: Tensor
) -> None:
    """With rare = 1 no row of such a word is ever an input or a target; its class's row is."""
    once = ids[torch.bincount(ids)[ids] == 1]
    own, unknown = vocabulary.row[once], vocabulary.class_row[once].unique()
    for share in (0.0, 1.0):
        training, seen = new(vocabulary, ids), torch.zeros(vocabulary.rows)

        def note(module: object, inputs: tuple[Tensor], output: Tensor) -> None:
            seen.index_fill_(0, inputs[0].flatten(), 1)  # noqa: B023 (used in this round only)

        training.gpt.token_embedding.register_forward_hook(note)
        list(train(training, ids, steps=30, **(RECIPE | {"rare": share, "batch_size": 16})))
        present, absent = (unknown, own) if share else (own, unknown)
        assert seen[present].sum() > 0.9 * len(present)
        assert seen[absent].sum() == 0


def test_the_full_vocabulary_trains(table: bytes, ids: Tensor) -> None:
    training = new(full(table), ids)
    losses = list(train(training, ids, steps=20, **RECIPE))
    assert losses[-1] < losses[0]


def test_the_learning_rate_rises_and_falls() -> None:
    rates = [learning_rate(step, 100, 10) for step in range(1, 101)]
    assert rates[0] == pytest.approx(0.1)
    assert max(rates) == rates[9] == 1
    assert rates[:10] == sorted(rates[:10])
    assert rates[9:] == sorted(rates[9:], reverse=True)
    assert rates[54] == pytest.approx(0.5)
    assert rates[-1] == pytest.approx(0)
    assert learning_rate(1, 100, 0) == pytest.approx(1, abs=1e-3)
