"""The page's likelihoods are the library's."""

import math

import numpy as np
import pytest
import torch

from lookingglass.diffusion.denoiser import Denoiser
from lookingglass.diffusion.likelihood import elbo, flow_log_density
from lookingglass.diffusion.prior import STANDARD
from lookingglass.diffusion.schedule import ExponentialSchedule
from lookingglass.diffusion.truth import UniformBox
from tests.explorer.conftest import Page
from tests.explorer.diffusion_reference import POINTS, assert_close, constant


@pytest.mark.parametrize("steps", [None, 1000])
@pytest.mark.parametrize("prior", ["standard", "matched"])
@pytest.mark.parametrize("model", ["conditional", "exact"])
def test_elbo(
    page: Page,
    denoisers: dict[str, Denoiser],
    regions: list[UniformBox],
    schedule: ExponentialSchedule,
    model: str,
    prior: str,
    steps: int | None,
) -> None:
    x = torch.tensor(POINTS, dtype=torch.float64)
    right = elbo(
        x, denoisers[model], schedule,
        generator=torch.Generator().manual_seed(7), steps=steps, label=constant(2, len(x)),
        prior=STANDARD if prior == "standard" else regions[2].prior_at(schedule),
    )  # fmt: skip
    for i, point in enumerate(POINTS):
        given = page.call("diffusion.elbo", {
            "model": model, "point": point, "label": 2, "steps": steps, "prior": prior,
            "draws": 4096, "seed": i,
        })  # fmt: skip
        assert given["draws"] == 4096
        error = math.hypot(given["standardError"], float(right.standard_error[i]))
        assert given["diffusion"] == pytest.approx(float(right.diffusion[i]), abs=4 * error)
        assert given["prior"] == pytest.approx(float(right.prior[i]), rel=1e-9)
        assert given["reconstruction"] == pytest.approx(right.reconstruction, rel=1e-9)
        parts = given["diffusion"] + given["prior"] + given["reconstruction"]
        assert given["total"] == pytest.approx(parts)


def test_the_standard_error_of_the_elbo_is_right(page: Page) -> None:
    """It is the spread of independent estimates."""
    estimates = [
        page.call(
            "diffusion.elbo", {"model": "exact", "point": [0.5, 0.9], "draws": 256, "seed": i}
        )
        for i in range(100)
    ]
    spread = np.std([estimate["diffusion"] for estimate in estimates])
    assert np.mean([estimate["standardError"] for estimate in estimates]) == pytest.approx(
        spread, rel=0.3
    )


@pytest.mark.parametrize("label", [None, 2])
@pytest.mark.parametrize("model", ["conditional", "exact"])
def test_the_flows_log_density(
    page: Page,
    denoisers: dict[str, Denoiser],
    schedule: ExponentialSchedule,
    model: str,
    label: int | None,
) -> None:
    options = {"model": model, "points": POINTS, "label": label, "steps": 50}
    x = torch.tensor(POINTS, dtype=torch.float64)
    right = flow_log_density(x, denoisers[model], schedule, steps=50, label=constant(label, len(x)))
    assert_close(page.call("diffusion.flowLogDensity", options), right, 1e-6)
