import pytest
import torch

from lookingglass.diffusion.excess import loss_and_excess
from lookingglass.diffusion.network import EdgeNetwork, PlainNetwork
from lookingglass.diffusion.samplers import sample, uniform_times
from lookingglass.diffusion.schedule import ExponentialSchedule
from lookingglass.diffusion.training import train, train_plain
from lookingglass.diffusion.truth import SQUARE
from lookingglass.diffusion.weights import Network, dump_denoiser

SCHEDULE = ExponentialSchedule()


def trained(steps: int, seed: int = 0) -> EdgeNetwork:
    generator = torch.Generator().manual_seed(seed)
    points = SQUARE.sample(1000, torch.Generator().manual_seed(99))
    network = EdgeNetwork(SCHEDULE, data_std=0.577, width=32, generator=generator)
    states = train(
        network, points, SCHEDULE, steps=steps, learning_rate=1e-2, average=0.9, generator=generator
    )
    numbers, losses = [], []
    for state in states:
        numbers.append(state.step)
        losses.append(state.loss)
    assert numbers == list(range(1, steps + 1))
    assert torch.stack(losses).isfinite().all()
    return state.denoiser


def excess(network: Network) -> float:
    generator = torch.Generator().manual_seed(7)
    sigma = SCHEDULE.sigma(torch.rand(20_000, generator=generator))
    x_0 = SQUARE.sample(20_000, generator)
    return loss_and_excess(network, SQUARE, x_0, sigma, generator=generator)[1]


def test_points_of_double_precision_are_rounded() -> None:
    """The network computes in its own precision, in training and in sampling."""
    points = SQUARE.sample(100, torch.Generator().manual_seed(99))
    generators = [torch.Generator().manual_seed(0) for _ in range(2)]
    networks = [EdgeNetwork(SCHEDULE, data_std=0.577, generator=each) for each in generators]
    recipe = {"steps": 2, "learning_rate": 1e-2, "average": 0.9}
    given = zip(networks, (points, points.double()), generators, strict=True)
    for network, x_0, generator in given:
        for _ in train(network, x_0, SCHEDULE, **recipe, generator=generator):
            pass
    torch.testing.assert_close(networks[0](points, 0.1), networks[1](points.double(), 0.1))
    times = uniform_times(3)
    assert sample(networks[0], SCHEDULE, points.double(), times=times).isfinite().all()


def test_training_approaches_the_exact_denoiser() -> None:
    # the best linear denoiser has 0.0356
    assert excess(trained(1)) > 0.1
    assert excess(trained(600)) < 0.015


def test_the_exercises_recipe_learns_and_its_loss_comes_before_the_step() -> None:
    points = SQUARE.sample(1000, torch.Generator().manual_seed(99))
    generator = torch.Generator().manual_seed(0)
    network = PlainNetwork(SCHEDULE, width=32, generator=generator)
    before = excess(network)
    losses = train_plain(
        network, points, SCHEDULE, epochs=300, learning_rate=1e-2, generator=generator
    )
    first, *rest = (float(loss) for loss in losses)
    assert len(rest) == 299
    untrained = SQUARE.bayes_loss(SCHEDULE) + before
    assert first == pytest.approx(untrained, abs=0.1)
    assert excess(network) < 0.03 < 0.1 < before


def test_same_seed_same_bytes_and_no_global_randomness() -> None:
    before = torch.get_rng_state()
    assert dump_denoiser(trained(10)) == dump_denoiser(trained(10))
    assert dump_denoiser(trained(10)) != dump_denoiser(trained(10, seed=1))
    assert torch.equal(torch.get_rng_state(), before)


def test_a_function_may_draw_the_points_of_each_step() -> None:
    """One that always gives the same points trains as these do; it gets the generator."""
    points, recipe = SQUARE.sample(100, torch.Generator().manual_seed(99)), {"average": 0.9}
    seen, trained_by = [], []

    def draw(generator: torch.Generator) -> torch.Tensor:
        seen.append(generator)
        return points

    for source in (points, draw):
        generator = torch.Generator().manual_seed(0)
        network = EdgeNetwork(SCHEDULE, data_std=0.577, generator=generator)
        states = train(
            network, source, SCHEDULE, steps=3, learning_rate=1e-2, generator=generator, **recipe
        )
        *_, last = states
        trained_by.append(dump_denoiser(last.denoiser))
    assert trained_by[0] == trained_by[1]
    assert seen == [generator] * 3


def test_a_symmetric_network_is_trained_as_the_plain_one_and_then_averaged() -> None:
    points, networks = SQUARE.sample(100, torch.Generator().manual_seed(99)), []
    for symmetric in (False, True):
        generator = torch.Generator().manual_seed(0)
        network = EdgeNetwork(SCHEDULE, data_std=0.577, symmetric=symmetric, generator=generator)
        *_, last = train(
            network, points, SCHEDULE,
            steps=20, learning_rate=1e-2, average=0.9, generator=generator,
        )  # fmt: skip
        networks.append(last.denoiser)
    plain, averaged = networks
    for one, other in zip(plain.parameters(), averaged.parameters(), strict=True):
        assert torch.equal(one, other)
    given, swapped = averaged(points, 0.3), averaged(points.flip(1), 0.3)
    torch.testing.assert_close(swapped, given.flip(1))
    assert not torch.allclose(given, plain(points, 0.3), atol=1e-3)


def test_augmenting_lets_a_corner_teach_the_whole_square() -> None:
    """Given the symmetries, points in one eighth of the square train as well as all do."""
    points = SQUARE.sample(1000, torch.Generator().manual_seed(99)).abs()
    points = torch.stack([points.amax(dim=1), points.amin(dim=1)], dim=1)
    excesses = []
    for augment in (False, True):
        generator = torch.Generator().manual_seed(0)
        network = EdgeNetwork(SCHEDULE, data_std=0.577, width=32, generator=generator)
        states = train(
            network,
            points,
            SCHEDULE,
            steps=300,
            learning_rate=1e-2,
            average=0.9,
            augment=augment,
            generator=generator,
        )
        *_, last = states
        excesses.append(excess(last.denoiser))
    assert excesses[1] < 0.03 < 0.1 < excesses[0]
