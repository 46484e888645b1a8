"""The stage `samplers`: what its numbers must be where they are known."""

import pytest
import torch

from lookingglass.diffusion.network import EdgeNetwork
from lookingglass.diffusion.schedule import ExponentialSchedule
from lookingglass.diffusion.truth import SQUARE, PointCloud
from stages.diffusion.samplers import SOURCES, Params, budget, convergence

PARAMS = Params(
    seed=0,
    points=50,
    evaluations=[16, 32],
    fast=24,
    inside_points=10,
    energy_points=10,
    null_draws=2,
    budget_points=512,
    budget_steps=100,
)


@pytest.fixture(scope="module")
def untrained() -> EdgeNetwork:
    schedule, generator = ExponentialSchedule(), torch.Generator().manual_seed(0)
    network = EdgeNetwork(schedule, data_std=0.577, width=8, generator=generator)
    return network.requires_grad_(False)


def test_budget(untrained: EdgeNetwork) -> None:
    costs = budget(untrained, PARAMS)
    # nothing is left but that 512 points are not the square; Sobol's are as even as 100 times more
    assert 0 < costs["budget_none"] < 1e-4
    # a narrow prior: 3.3e-3 (its square has standard deviation 0.529)
    assert costs["only_prior"] == pytest.approx(3.3e-3, rel=0.1)
    assert costs["only_noise"] < 1e-4
    assert costs["only_fast_dpmpp_2m"] < 1e-4 < 1e-3 < costs["only_fast_euler"]
    # a network that knows nothing is what is to blame here
    assert costs["only_network"] > 5 * costs["only_prior"]
    assert costs["without_network"] < costs["budget_all"] / 3
    names = {f"{kind}_{source}" for kind in ("only", "without") for source in SOURCES}
    assert names < set(costs)


def test_convergence(untrained: EdgeNetwork) -> None:
    rows = convergence(untrained, SQUARE, PARAMS)
    errors = {row[:4]: row[4] for row in rows}
    assert len(errors) == (4 + 1) * 5 * 2  # exact on four schedules, the network on one
    for (denoiser, schedule, solver, evaluations), error in errors.items():
        assert evaluations in PARAMS.evaluations
        if evaluations == 32:
            assert error < errors[denoiser, schedule, solver, 16]


def test_convergence_on_points_of_ones_own(untrained: EdgeNetwork) -> None:
    cloud = PointCloud(SQUARE.sample(20, torch.Generator().manual_seed(1)))
    rows = convergence(untrained, cloud, PARAMS)
    assert {row[0] for row in rows} == {"model"}, "the exact denoiser would take an hour"
    assert len({row[:4] for row in rows}) == 4 * 5 * 2
