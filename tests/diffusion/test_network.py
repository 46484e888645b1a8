import pytest
import torch

from lookingglass.diffusion.network import EdgeNetwork
from lookingglass.diffusion.schedule import ExponentialSchedule

SCHEDULE = ExponentialSchedule()


def make(seed: int = 0, layers: int = 3) -> EdgeNetwork:
    generator = torch.Generator().manual_seed(seed)
    return EdgeNetwork(SCHEDULE, data_std=0.577, width=8, layers=layers, generator=generator)


def test_weights_come_from_the_generator_alone() -> None:
    before = torch.get_rng_state()
    first, again, other = make(0), make(0), make(1)
    assert torch.equal(torch.get_rng_state(), before)
    for a, b in zip(first.parameters(), again.parameters(), strict=True):
        assert torch.equal(a, b)
    assert not torch.equal(first.layers[0].weight, other.layers[0].weight)


def test_without_its_network_part_it_is_the_best_linear_denoiser() -> None:
    network = make()
    torch.nn.init.zeros_(network.layers[-1].weight)
    torch.nn.init.zeros_(network.layers[-1].bias)
    generator = torch.Generator().manual_seed(0)
    x_0 = 0.577 * torch.randn(200_000, 2, generator=generator)
    eps = torch.randn(200_000, 2, generator=generator)
    x = x_0 + 0.4 * eps
    # least squares of eps on x
    slope = float((x * eps).sum() / (x * x).sum())
    torch.testing.assert_close(network(x, 0.4), slope * x, rtol=1e-2, atol=1e-3)


def test_one_noise_level_for_all_or_one_for_each() -> None:
    x = torch.randn(7, 2, generator=torch.Generator().manual_seed(0))
    network = make()
    torch.testing.assert_close(network(x, 0.2), network(x, torch.full((7,), 0.2)))
    torch.testing.assert_close(network(x, 0.2), network(x, torch.tensor(0.2)))


def test_far_away_points_give_finite_noise() -> None:
    x = torch.tensor([[1e4, -1e4]])
    assert make()(x, SCHEDULE.sigma(torch.tensor(0.0))).isfinite().all()


@pytest.mark.parametrize("layers", [2, 5])
def test_depth(layers: int) -> None:
    assert len(make(layers=layers).layers) == layers


def test_a_symmetric_network_is_averaged_in_evaluation_mode_only() -> None:
    x = torch.randn(7, 2, generator=torch.Generator().manual_seed(0))
    plain, generator = make(), torch.Generator().manual_seed(0)
    network = EdgeNetwork(SCHEDULE, data_std=0.577, width=8, symmetric=True, generator=generator)
    assert torch.equal(network(x, 0.2), plain(x, 0.2))
    network.eval()
    for sigma in (0.2, torch.linspace(0.1, 0.9, 7)):  # each point keeps its noise level
        by_hand = torch.zeros(7, 2)
        for swap in (False, True):
            for signs in torch.tensor([[1, 1], [1, -1], [-1, 1], [-1, -1]]):
                eps = plain(signs * (x.flip(1) if swap else x), sigma) * signs
                by_hand += (eps.flip(1) if swap else eps) / 8
        torch.testing.assert_close(network(x, sigma), by_hand)


def test_classes_do_not_have_the_symmetries() -> None:
    with pytest.raises(ValueError, match="symmetric: must be False for a network with classes"):
        EdgeNetwork(SCHEDULE, data_std=0.577, classes=3, symmetric=True)
