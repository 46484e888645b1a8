import pytest
import torch
from torch import Tensor

from lookingglass.gpt.beginning import (
    begin,
    begin_standard,
    init_head_bias,
    init_positions,
    scale_up_rare_embeddings,
    sinusoids,
)
from lookingglass.gpt.model import GPT, Config
from lookingglass.gpt.training import Training, block_loss
from lookingglass.gpt.vocabulary import Vocabulary


def new(vocabulary: Vocabulary) -> GPT:
    config = Config(block_size=16, n_layer=2, n_head=2, n_embd=16)
    return GPT(config, vocabulary, torch.Generator().manual_seed(0))


def test_the_bias_starts_at_the_frequencies(vocabulary: Vocabulary, ids: Tensor) -> None:
    """With all weights 0 the model is then the unigram model, whose loss is the entropy."""
    gpt = new(vocabulary)
    with torch.no_grad():
        for parameter in gpt.parameters():
            parameter.zero_()
    init_head_bias(gpt, ids)
    counts = torch.bincount(ids).double()
    share = counts[counts > 0] / len(ids)
    entropy = -float((share * share.log()).sum())
    ids = torch.cat([ids[:1], ids])  # the first is context only
    assert block_loss(gpt, ids[: 1 + 16 * (len(ids) // 16)]) == pytest.approx(entropy, abs=0.2)


def test_rows_that_hardly_occur_start_larger(vocabulary: Vocabulary, ids: Tensor) -> None:
    gpt = new(vocabulary)
    before = gpt.token_embedding.weight.detach().clone()
    scale_up_rare_embeddings(gpt, ids)
    ratio = (gpt.token_embedding.weight.detach() / before).mean(dim=1)
    seen = torch.bincount(gpt.row[ids], minlength=vocabulary.rows)
    assert len(seen[seen <= 1]) > len(seen[seen > 1]) > 5
    torch.testing.assert_close(ratio, torch.where(seen <= 1, 3.0, 1.0))


@pytest.mark.parametrize("width", [8, 9, 128])
def test_a_sinusoid_n_places_before_is_a_linear_map_of_it(width: int) -> None:
    positions = sinusoids(64, width).double()
    assert positions.shape == (64, width)
    assert len(positions.unique(dim=0)) == 64
    pairs, half = width // 2, (width + 1) // 2  # an odd width leaves out the last cosine
    sine, cosine = positions[:, :pairs], positions[:, half : half + pairs]
    turn_cosine = cosine[3] * cosine[0] + sine[3] * sine[0]
    turn_sine = sine[3] * cosine[0] - cosine[3] * sine[0]
    later = sine[:-3] * turn_cosine + cosine[:-3] * turn_sine
    torch.testing.assert_close(later, sine[3:], rtol=0, atol=1e-5)


def test_positions_start_as_sinusoids(vocabulary: Vocabulary) -> None:
    gpt = new(vocabulary)
    init_positions(gpt)
    positions = gpt.position_embedding.weight.detach()
    assert float(positions.std()) == pytest.approx(0.1)
    assert (
        float(torch.corrcoef(torch.stack([positions[:, 0], sinusoids(16, 16)[:, 0]]))[0, 1]) > 0.99
    )


def decay_of(training: Training) -> dict[int, float]:
    """The weight decay of each parameter, by its identity."""
    return {id(p): group["weight_decay"] for group in training.groups() for p in group["params"]}


def test_each_weight_has_one_optimiser(vocabulary: Vocabulary, ids: Tensor) -> None:
    """Matrices decay, gains and biases do not; Muon has the blocks' matrices, if it is used."""
    gpt = new(vocabulary)
    ours = begin(gpt, ids, muon_rate=0.02, adam_rate=2e-3, weight_decay=0.5)
    standard = begin_standard(gpt, rate=1e-3, weight_decay=0.5)
    for training in (ours, standard):
        assert decay_of(training) == {id(p): 0.5 * (p.ndim == 2) for p in gpt.parameters()}
        assert sum(len(group["params"]) for group in training.groups()) == len(
            list(gpt.parameters())
        )
    assert set(standard.optimizers) == {"adam"}
    by_muon = [p for group in ours.optimizers["muon"].param_groups for p in group["params"]]
    assert {id(p) for p in by_muon} == {id(p) for p in gpt.blocks.parameters() if p.ndim == 2}


def test_the_standard_start_changes_no_weight(vocabulary: Vocabulary, ids: Tensor) -> None:
    gpt, untouched = new(vocabulary), new(vocabulary)
    begin_standard(gpt, rate=1e-3, weight_decay=0.1)
    assert all(map(torch.equal, gpt.parameters(), untouched.parameters()))
    begin(gpt, ids, muon_rate=0.02, adam_rate=2e-3, weight_decay=0.5)
    assert not torch.equal(gpt.position_embedding.weight, untouched.position_embedding.weight)
