import torch

from lookingglass.diffusion.network import PlainNetwork
from lookingglass.diffusion.schedule import ExponentialSchedule

SCHEDULE = ExponentialSchedule()


def make(seed: int = 0, **sizes: int) -> PlainNetwork:
    return PlainNetwork(SCHEDULE, **sizes, generator=torch.Generator().manual_seed(seed))


def test_it_is_the_exercises_network() -> None:
    """3-128-128-2 with leaky ReLUs, of x, y and t, written out with torch.nn."""
    network = make()
    assert [tuple(layer.weight.shape) for layer in network.layers] == [
        (128, 3), (128, 128), (2, 128),
    ]  # fmt: skip
    first, second, last = network.layers
    plain = torch.nn.Sequential(first, torch.nn.LeakyReLU(), second, torch.nn.LeakyReLU(), last)
    x = torch.randn(20, 2, generator=torch.Generator().manual_seed(1))
    t = torch.rand(20, 1, generator=torch.Generator().manual_seed(2))
    expected = plain(torch.cat([x, t], dim=1))
    torch.testing.assert_close(network(x, SCHEDULE.sigma(t[:, 0])), expected)


def test_weights_come_from_the_generator_alone() -> None:
    before = torch.get_rng_state()
    first, again, other = make(0), make(0), make(1)
    assert torch.equal(torch.get_rng_state(), before)
    assert torch.equal(first.layers[0].weight, again.layers[0].weight)
    assert not torch.equal(first.layers[0].weight, other.layers[0].weight)


def test_one_noise_level_for_all_or_one_for_each() -> None:
    x = torch.randn(7, 2, generator=torch.Generator().manual_seed(0))
    network = make(width=8)
    torch.testing.assert_close(network(x, 0.2), network(x, torch.full((7,), 0.2)))
    torch.testing.assert_close(network(x, 0.2), network(x, torch.tensor(0.2)))
