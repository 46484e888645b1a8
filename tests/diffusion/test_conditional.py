"""The network, its training and its file with classes."""

import pytest
import torch
from torch import Tensor

from lookingglass.diffusion.borders import depth, near_border, profile
from lookingglass.diffusion.excess import loss_and_excess
from lookingglass.diffusion.network import EdgeNetwork
from lookingglass.diffusion.regions import classify
from lookingglass.diffusion.schedule import ExponentialSchedule
from lookingglass.diffusion.training import train
from lookingglass.diffusion.truth import SQUARE, UniformBox
from lookingglass.diffusion.weights import dump_denoiser, load_denoiser
from stages.diffusion.sample_conditional import labels_as_in_the_data, spread
from tests.diffusion.test_regions import PINWHEEL

SCHEDULE = ExponentialSchedule()
HALVES = [UniformBox((-1.0, -1.0), (0.0, 1.0)), UniformBox((0.0, -1.0), (1.0, 1.0))]


def make(seed: int = 0, **sizes: int) -> EdgeNetwork:
    generator = torch.Generator().manual_seed(seed)
    sizes = {"width": 32, "classes": 2, "embedding": 4, **sizes}
    return EdgeNetwork(SCHEDULE, data_std=0.577, generator=generator, **sizes)


def trained(steps: int, dropout: float) -> EdgeNetwork:
    generator = torch.Generator().manual_seed(1)
    points = SQUARE.sample(1000, generator)
    states = train(
        make(),
        points,
        SCHEDULE,
        steps=steps,
        learning_rate=1e-2,
        average=0.9,
        labels=classify(points, HALVES),
        label_dropout=dropout,
        generator=generator,
    )
    return list(states)[-1].denoiser


def excess(network: EdgeNetwork, box: UniformBox, label: int | None) -> float:
    generator = torch.Generator().manual_seed(7)
    sigma = SCHEDULE.sigma(torch.rand(5000, generator=generator))
    x_0 = box.sample(5000, generator)
    labels = None if label is None else torch.full((5000,), label)
    return loss_and_excess(network, box, x_0, sigma, generator=generator, label=labels)[1]


def test_training_learns_each_class_and_what_all_have_in_common() -> None:
    network = trained(600, dropout=0.2)
    for i, half in enumerate(HALVES):
        assert excess(network, half, i) < 0.02
        assert excess(network, half, 1 - i) > 0.5
    assert excess(network, SQUARE, None) < 0.02
    assert excess(network, SQUARE, 0) > 0.05


def test_without_dropout_the_hidden_class_is_never_trained() -> None:
    before, after = make().embedding.weight, trained(5, dropout=0.0).embedding.weight
    assert torch.equal(before[2], after[2])
    assert not torch.equal(before[:2], after[:2])


def test_hidden_is_a_label_of_its_own() -> None:
    network = make()
    x = torch.randn(6, 2, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(network(x, 0.3), network(x, 0.3, torch.full((6,), 2)))
    by_label = [network(x, 0.3, torch.full((6,), i)) for i in range(3)]
    assert not torch.allclose(by_label[0], by_label[1])
    mixed = network(x, 0.3, torch.tensor([0, 1, 2, 0, 1, 2]))
    for i in range(3):
        torch.testing.assert_close(mixed[i::3], by_label[i][i::3])


def test_the_file_holds_the_classes() -> None:
    network = make()
    data = dump_denoiser(network)
    loaded = load_denoiser(data)
    x, label = torch.randn(5, 2), torch.tensor([0, 1, 2, 1, 0])
    assert torch.equal(loaded(x, 0.2, label), network(x, 0.2, label))
    assert loaded.classes == 2
    assert dump_denoiser(loaded) == data
    assert load_denoiser(dump_denoiser(make(classes=0))).classes == 0


def test_a_smooth_network_has_no_kinks_and_is_loaded_as_one() -> None:
    x = torch.stack([torch.linspace(-2, 2, 4001), torch.zeros(4001)], dim=1).requires_grad_()
    jumps = {}
    for smooth in (False, True):
        network = load_denoiser(dump_denoiser(make(smooth=smooth)))
        assert network.smooth == smooth
        (slope,) = torch.autograd.grad(network(x, 0.05)[:, 0].sum(), x)
        jumps[smooth] = float(slope[:, 0].diff().abs().max())
    assert jumps[True] < jumps[False] / 3


def exact_samples(n: int = 20_000) -> Tensor:
    generator = torch.Generator().manual_seed(0)
    return torch.stack([box.sample(n, generator) for box in PINWHEEL])


def test_depth() -> None:
    below = PINWHEEL[1]  # its upper and its right side border on other classes
    x = torch.tensor([[0.0, -0.9], [-0.9, -0.4], [0.0, 0.0], [0.6333, -0.5], [0.0, -1.1]])
    expected = torch.tensor([1 / 3, 1 / 15, -1 / 3, -0.3, torch.nan])
    torch.testing.assert_close(depth(x, below), expected, atol=1e-3, rtol=0, equal_nan=True)


def test_exact_samples_have_the_density_of_the_truth() -> None:
    samples = exact_samples()
    density = profile(samples, PINWHEEL, torch.linspace(-0.2, 0.2, 41))
    half = density.shape[1] // 2
    assert (density[:, :half] == 0).all()
    torch.testing.assert_close(density[:, half:], torch.ones(5, half), atol=0.2, rtol=0)
    weight = torch.tensor([r.area for r in PINWHEEL]).repeat_interleave(samples.shape[1])
    assert near_border(samples.flatten(0, 1), weight, PINWHEEL, 0.05) == pytest.approx(1, abs=0.03)
    # with the samples pushed away from the borders, the density there must fall
    centre = torch.tensor([[(a + b) / 2 for a, b in zip(r.low, r.high)] for r in PINWHEEL])  # noqa: B905
    shrunk = centre[:, None] + 0.9 * (samples - centre[:, None])
    assert near_border(shrunk.flatten(0, 1), weight, PINWHEEL, 0.05) < 0.6


def test_labels_follow_the_weights() -> None:
    counts = torch.bincount(labels_as_in_the_data([region.area for region in PINWHEEL], 900))
    assert counts.tolist() == [100, 200, 200, 200, 200]
    counts = torch.bincount(labels_as_in_the_data([0, 3, 0, 1, 0], 100), minlength=5)
    assert counts.tolist() == [0, 75, 0, 25, 0]


def test_spread_of_exact_samples_is_one() -> None:
    samples = exact_samples()
    label = torch.arange(5).repeat_interleave(samples.shape[1])
    assert spread(samples.flatten(0, 1), label, PINWHEEL) == pytest.approx(1, abs=0.01)
