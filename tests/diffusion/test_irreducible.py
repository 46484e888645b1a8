"""The irreducible loss of the conditional model, below which its training loss cannot fall."""

import math

import numpy as np
import pandas as pd
import pytest
import torch

from lab.data.curves import average
from lookingglass.diffusion.class_truth import ClassTruth
from lookingglass.diffusion.irreducible import irreducible, irreducible_by_class
from lookingglass.diffusion.regions import classify
from lookingglass.diffusion.schedule import ExponentialSchedule
from lookingglass.diffusion.truth import SQUARE, PointCloud
from tests.diffusion.test_regions import PINWHEEL

SCHEDULE = ExponentialSchedule()
NO_DRAWS = {"draws": 1, "seed": 0}  # closed forms need none


def closed_form(label_dropout: float) -> float:
    return irreducible_by_class(
        SQUARE, dict(enumerate(PINWHEEL)), SCHEDULE, label_dropout=label_dropout, **NO_DRAWS
    )


@pytest.mark.parametrize("label_dropout", [0.0, 0.1, 0.6])
def test_it_is_the_loss_of_the_exact_class_denoiser_in_training(label_dropout: float) -> None:
    """By Monte Carlo, with points, times, noise and hidden labels drawn as training draws them."""
    n, generator = 400_000, torch.Generator().manual_seed(1)
    x_0 = SQUARE.sample(n, generator)
    sigma = SCHEDULE.sigma(torch.rand(n, generator=generator))
    eps = torch.randn(n, 2, generator=generator)
    hidden = torch.rand(n, generator=generator) < label_dropout
    label = torch.where(hidden, len(PINWHEEL), classify(x_0, PINWHEEL))
    exact = ClassTruth(PINWHEEL)
    error = (exact.denoiser(x_0 + sigma[:, None] * eps, sigma, label) - eps).square().mean(dim=1)
    spread = float(error.std()) / math.sqrt(n)
    assert closed_form(label_dropout) == pytest.approx(float(error.mean()), abs=3.5 * spread)


def test_knowing_the_class_lowers_the_irreducible_loss() -> None:
    square = irreducible(SQUARE, SCHEDULE, **NO_DRAWS)
    assert (
        closed_form(0.0) < closed_form(0.5) < closed_form(1.0) == pytest.approx(square, abs=1e-12)
    )
    assert square - closed_form(0.0) > 0.05


def test_for_points_it_is_sampled_and_classes_are_weighted_by_size() -> None:
    lone, pair = torch.zeros(1, 2), torch.tensor([[0.0, 0.9], [0.9, 0.0]])
    truth = PointCloud(torch.cat([lone, pair]))
    classes = {0: PointCloud(lone), 3: PointCloud(pair)}
    draws = {"draws": 100_000, "seed": 0}
    of_pair = irreducible(classes[3], SCHEDULE, **draws)
    told = irreducible_by_class(truth, classes, SCHEDULE, label_dropout=0.0, **draws)
    assert irreducible(classes[0], SCHEDULE, **draws) == pytest.approx(0, abs=1e-9)
    assert told == pytest.approx(2 / 3 * of_pair, abs=1e-9)
    assert 0.02 < of_pair < irreducible(truth, SCHEDULE, **draws)


def test_intervals_hold_every_step_once() -> None:
    curve = pd.DataFrame({"step": np.arange(1, 1001), "loss": np.arange(1, 1001) ** 2.0})
    step, loss = average(curve)
    assert list(step[:3]) == [1, 2, 3]
    assert list(loss[:3]) == [1, 4, 9]
    assert step[-1] > 800
    lengths = np.diff(np.unique(np.geomspace(1, 1001, 24).astype(int)))
    assert lengths.sum() == 1000
    assert float(loss @ lengths) == pytest.approx(curve.loss.sum())
