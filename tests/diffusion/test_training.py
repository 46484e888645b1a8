import torch

from lookingglass.diffusion.network import EdgeNetwork
from lookingglass.diffusion.schedule import ExponentialSchedule
from lookingglass.diffusion.training import train
from lookingglass.diffusion.truth import SQUARE
from lookingglass.diffusion.weights import dump_denoiser

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


@torch.no_grad()
def excess(network: EdgeNetwork) -> float:
    generator = torch.Generator().manual_seed(7)
    sigma = SCHEDULE.sigma(torch.rand(20_000, generator=generator))
    x = SQUARE.sample(20_000, generator)
    x = x + sigma[:, None] * torch.randn(20_000, 2, generator=generator)
    return float((network(x, sigma) - SQUARE.denoiser(x, sigma)).square().mean())


def test_training_approaches_the_exact_denoiser() -> None:
    # the best linear denoiser has 0.0356
    assert excess(trained(1)) > 0.1
    assert excess(trained(600)) < 0.015


def test_same_seed_same_bytes_and_no_global_randomness() -> None:
    before = torch.get_rng_state()
    assert dump_denoiser(trained(10)) == dump_denoiser(trained(10))
    assert dump_denoiser(trained(10)) != dump_denoiser(trained(10, seed=1))
    assert torch.equal(torch.get_rng_state(), before)
