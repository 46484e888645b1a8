"""Diffusion on a GPU: the CPU's results to within rounding, and the same bytes each time."""

import pytest
import torch
from torch import Tensor

from lookingglass.diffusion.class_truth import ClassTruth
from lookingglass.diffusion.energy import energy_distance
from lookingglass.diffusion.guidance import guide
from lookingglass.diffusion.likelihood import elbo, flow_log_density
from lookingglass.diffusion.network import EdgeNetwork
from lookingglass.diffusion.prior import GaussianPrior
from lookingglass.diffusion.samplers import sample, uniform_times
from lookingglass.diffusion.schedule import ExponentialSchedule
from lookingglass.diffusion.solvers import SOLVERS
from lookingglass.diffusion.steering import Process, descend, guided, hold, invert, minimum_norm
from lookingglass.diffusion.training import train
from lookingglass.diffusion.truth import SQUARE, PointCloud, UniformBox

SCHEDULE = ExponentialSchedule()
TIMES = uniform_times(20)
CLASSES = ClassTruth([UniformBox((-1.0, -1.0), (0.0, 1.0)), UniformBox((0.0, -1.0), (1.0, 1.0))])


def close(on_gpu: Tensor, on_cpu: Tensor, atol: float = 1e-6) -> None:
    assert on_gpu.device.type == "cuda"
    torch.testing.assert_close(on_gpu.cpu(), on_cpu, atol=atol, rtol=1e-4)


def noise(n: int = 64) -> Tensor:
    return torch.randn(n, 2, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


def network(classes: int = 0) -> EdgeNetwork:
    generator = torch.Generator().manual_seed(0)
    return EdgeNetwork(SCHEDULE, data_std=0.577, width=32, classes=classes, generator=generator)


@pytest.mark.parametrize("classes", [0, 2])
def test_training(gpu: torch.device, classes: int) -> None:
    points = SQUARE.sample(500, torch.Generator().manual_seed(9))
    labels = (points[:, 0] > 0).long()

    def trained(device: torch.device) -> tuple[list[Tensor], Tensor]:
        options = {"labels": labels.to(device), "label_dropout": 0.2} if classes else {}
        states = train(
            network(classes).to(device),
            points.to(device),
            SCHEDULE,
            steps=20,
            learning_rate=1e-2,
            average=0.9,
            augment=not classes,
            generator=torch.Generator().manual_seed(1),
            **options,
        )
        losses, weights = [], torch.empty(0)
        for state in states:
            losses.append(float(state.loss))
            weights = torch.cat([p.detach().flatten() for p in state.denoiser.parameters()])
        return losses, weights

    losses, weights = trained(gpu)
    assert torch.equal(trained(gpu)[1], weights)
    expected, expected_weights = trained(torch.device("cpu"))
    assert losses == pytest.approx(expected, abs=1e-3)
    close(weights, expected_weights, atol=1e-2)


@pytest.mark.parametrize("solver", sorted(SOLVERS))
def test_sampling(gpu: torch.device, solver: str) -> None:
    z = noise()
    label = torch.arange(len(z)) % 2
    net, there = network(2).double(), network(2).double().to(gpu)
    options = {"times": TIMES, "solver": solver}
    close(
        sample(SQUARE.denoiser, SCHEDULE, z.to(gpu), **options),
        sample(SQUARE.denoiser, SCHEDULE, z, **options),
    )
    close(
        sample(guide(there, 2.0), SCHEDULE, z.to(gpu), label=label.to(gpu), **options),
        sample(guide(net, 2.0), SCHEDULE, z, label=label, **options),
    )
    if solver == "dpmpp_2m":
        return
    options |= {"eta": 0.5, "final_denoise": True}

    def drawn(device: torch.device) -> Tensor:
        generator = torch.Generator().manual_seed(2)
        place = {"label": label.to(device), "generator": generator}
        return sample(CLASSES.denoiser, SCHEDULE, z.to(device), **place, **options)

    close(drawn(gpu), drawn(torch.device("cpu")))


def test_likelihood(gpu: torch.device) -> None:
    x = noise(8)
    cloud = PointCloud(noise(200))
    for denoiser in (SQUARE.denoiser, CLASSES.denoiser, cloud.denoiser):
        for steps in (None, 50):
            bounds = [
                elbo(
                    points,
                    denoiser,
                    SCHEDULE,
                    generator=torch.Generator().manual_seed(0),
                    draws=64,
                    steps=steps,
                    prior=GaussianPrior(SQUARE.mean.to(points), 4.0),
                )
                for points in (x.to(gpu), x)
            ]
            close(bounds[0].total, bounds[1].total)
    for of in (SQUARE.log_density, CLASSES.log_density, cloud.log_density):
        close(of(x.to(gpu), 0.3), of(x, 0.3))
    close(
        flow_log_density(x.to(gpu), SQUARE.denoiser, SCHEDULE, steps=10),
        flow_log_density(x, SQUARE.denoiser, SCHEDULE, steps=10),
    )
    assert energy_distance(x.to(gpu), SQUARE) == pytest.approx(energy_distance(x, SQUARE))


def test_steering(gpu: torch.device) -> None:
    target, levels = torch.tensor([[4.0, 5.5]], dtype=torch.float64), SCHEDULE.sigma(TIMES)
    u = noise(len(levels))

    def found(device: torch.device) -> list[Tensor]:
        sde = Process(SQUARE.denoiser, levels.to(device))
        goal, start = target.to(device), u.to(device)
        *_, least = minimum_norm(sde, hold(sde, goal), goal, iterations=8)
        *_, lower = descend(sde, start, goal, iterations=3, rate=0.1)
        ode = Process(SQUARE.denoiser, levels.to(device), eta=0.0)
        return [least, lower, guided(sde, start, goal, 0.1), invert(ode, goal)]

    for ours, theirs in zip(found(gpu), found(torch.device("cpu")), strict=True):
        close(ours, theirs, atol=1e-5)
