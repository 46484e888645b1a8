"""The stage `samplers`: its numbers where theory says what they must be."""

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
    # 512 points are not the square, but Sobol points are as even as 100 times as many random ones
    assert 0 < costs["budget_none"] < 1e-4
    # the prior is too narrow: 3.3e-3 (samples from it have standard deviation 0.529)
    assert costs["only_prior"] == pytest.approx(3.3e-3, rel=0.1)
    assert costs["only_noise"] < 1e-4
    assert costs["only_fast_dpmpp_2m"] < 1e-4 < 1e-3 < costs["only_fast_euler"]
    # an untrained network is the largest source of error
    assert costs["only_network"] > 5 * costs["only_prior"]
    assert costs["without_network"] < costs["budget_all"] / 3
    names = {f"{kind}_{source}" for kind in ("only", "without") for source in SOURCES}
    assert names < set(costs)


def test_convergence(untrained: EdgeNetwork) -> None:
    table = convergence(untrained, SQUARE, PARAMS)
    errors = table.set_index(["denoiser", "schedule", "solver", "evaluations"]).rmse.unstack()
    assert len(errors) == (4 + 1) * 5  # exact on four schedules, the network on one
    assert list(errors) == PARAMS.evaluations
    assert (errors[32] < errors[16]).all()


def test_convergence_on_points_of_ones_own(untrained: EdgeNetwork) -> None:
    cloud = PointCloud(SQUARE.sample(20, torch.Generator().manual_seed(1)))
    table = convergence(untrained, cloud, PARAMS)
    assert set(table.denoiser) == {"model"}, "the exact denoiser would take an hour"
    assert len(table.drop_duplicates(["schedule", "solver", "evaluations"])) == 4 * 5 * 2
