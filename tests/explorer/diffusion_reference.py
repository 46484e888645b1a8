"""The diffusion models in Python, to which the page's are compared."""

from copy import deepcopy
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from lookingglass.diffusion.class_truth import ClassTruth
from lookingglass.diffusion.denoiser import Denoiser, Sigma
from lookingglass.diffusion.schedule import ExponentialSchedule
from lookingglass.diffusion.truth import SQUARE, UniformBox
from lookingglass.diffusion.weights import Network

POINTS = [[0.0, 0.0], [0.5, -0.8], [0.98, 0.5], [1.2, 1.1]]


@pytest.fixture(scope="session")
def schedule(networks: dict[str, Network]) -> ExponentialSchedule:
    return networks["diffusion"].schedule


@pytest.fixture(scope="session")
def denoisers(
    networks: dict[str, Network], regions: list[UniformBox]
) -> dict[str, Network | Denoiser]:
    """Each model of the page; the networks in float64, as the page computes."""
    in_double = {name: deepcopy(network).double() for name, network in networks.items()}

    def exact(x: Tensor, sigma: Sigma, label: Tensor | None = None) -> Tensor:
        # ClassTruth's mixture of all regions is the square's to 1e-8 only
        truth = SQUARE if label is None else ClassTruth(regions)
        return truth.denoiser(x, sigma, label)

    return {**in_double, "exact": exact}


def noise(n: int, seed: int) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(n, 2, generator=generator, dtype=torch.float64)


def constant(label: int | None, n: int) -> Tensor | None:
    return None if label is None else torch.full((n,), label)


def assert_close(given: Any, right: Tensor, tolerance: float) -> None:
    """Equal up to an absolute or a relative error."""
    assert np.isfinite(np.array(given, dtype=float)).all(), given
    torch.testing.assert_close(
        torch.tensor(given, dtype=torch.float64), right.double(), rtol=tolerance, atol=tolerance
    )
