"""The page samples as the library does."""

import pytest
import torch

from lookingglass.diffusion.denoiser import Denoiser
from lookingglass.diffusion.guidance import guide
from lookingglass.diffusion.samplers import sample, uniform_times
from lookingglass.diffusion.schedule import ExponentialSchedule
from lookingglass.diffusion.solvers import SOLVERS
from lookingglass.diffusion.truth import SQUARE
from stages.diffusion.samplers import all_schedules
from tests.explorer.conftest import Page
from tests.explorer.diffusion_reference import assert_close, constant, noise


@pytest.mark.parametrize("name", ["exponential", "karras", "cosine", "linear"])
@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("model", ["diffusion", "exact"])
def test_sample(
    page: Page,
    denoisers: dict[str, Denoiser],
    schedule: ExponentialSchedule,
    model: str,
    solver: str,
    name: str,
) -> None:
    """The states at every time, from the same noise."""
    z = noise(20, 4)
    given = page.call("diffusion.sample", {
        "model": model, "solver": solver, "steps": 12, "schedule": name, "eta": 0,
        "label": None, "guidance": 0, "noise": z.tolist(),
    })  # fmt: skip
    right = sample(
        denoisers[model], all_schedules(schedule)[name], z,
        times=uniform_times(12), solver=solver, trajectory=True,
    )  # fmt: skip
    assert_close(given, right, 1e-9)


@pytest.mark.parametrize("guidance", [0.0, 1.5, -1.0])
@pytest.mark.parametrize("model", ["conditional", "exact"])
def test_guided_samples_of_a_class(
    page: Page,
    denoisers: dict[str, Denoiser],
    schedule: ExponentialSchedule,
    model: str,
    guidance: float,
) -> None:
    z = noise(20, 5)
    given = page.call("diffusion.sample", {
        "model": model, "solver": "heun", "steps": 20, "label": 2, "guidance": guidance,
        "noise": z.tolist(),
    })  # fmt: skip
    right = sample(
        guide(denoisers[model], guidance), schedule, z,
        times=uniform_times(20), solver="heun", label=constant(2, 20), trajectory=True,
    )  # fmt: skip
    assert_close(given, right, 1e-7)


def test_the_reverse_sde_keeps_the_distribution(page: Page, schedule: ExponentialSchedule) -> None:
    """From the matched prior, the exact denoiser's samples are uniform in the square."""
    z = SQUARE.prior_at(schedule).transform(noise(2000, 6))
    options = {"model": "exact", "solver": "heun", "steps": 60, "eta": 1, "noise": z.tolist()}
    first, again, other = (
        torch.tensor(page.call("diffusion.sample", {**options, "seed": seed})) for seed in (1, 1, 2)
    )
    assert first.shape == (61, 2000, 2)
    assert SQUARE.fraction_inside(first[-1]) == pytest.approx(0.9946, abs=0.006)
    # 0.025: four standard errors
    assert first[-1].std(dim=0).tolist() == pytest.approx([3**-0.5] * 2, abs=0.025)
    assert torch.equal(first, again), "the seed determines all noise"
    assert (first[-1] - other[-1]).abs().mean() > 0.1
