"""The square's symmetries, and what averaging over them does."""

import pytest
import torch
from torch import Tensor

from lookingglass.diffusion.symmetry import SYMMETRIES, random_symmetry, symmetrised
from lookingglass.diffusion.truth import SQUARE

X = 2 * torch.randn(50, 2, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


def curved(x: Tensor) -> Tensor:
    """A field without any symmetry."""
    return torch.stack([torch.sin(x[:, 0] + 2 * x[:, 1]) + 1, x[:, 0] ** 2 - x[:, 1]], dim=1)


def test_they_are_a_group_of_eight_that_maps_the_square_to_itself() -> None:
    elements = {tuple(g.flatten().tolist()) for g in SYMMETRIES}
    products = {tuple((g @ h).flatten().tolist()) for g in SYMMETRIES for h in SYMMETRIES}
    assert len(elements) == 8
    assert products == elements
    corner = torch.ones(2)
    assert all((g @ corner).abs().tolist() == [1, 1] for g in SYMMETRIES)


def test_every_symmetry_is_equally_frequent() -> None:
    point = torch.tensor([0.25, -0.75])
    images = random_symmetry(point.expand(8000, 2), torch.Generator().manual_seed(0))
    found, counts = images.unique(dim=0, return_counts=True)
    expected = [[a * s, b * t] for a, b in ((1, 3), (3, 1)) for s in (-1, 1) for t in (-1, 1)]
    assert sorted(map(tuple, (4 * found).tolist())) == sorted(map(tuple, expected))
    assert counts.min() > 850
    assert counts.max() < 1150


def test_of_an_affine_field_only_its_mean_stretch_is_left() -> None:
    """By Schur's lemma the mean of g^-1 (A g x + b) is x tr(A) / 2."""
    matrix = torch.tensor([[1.5, -2.0], [0.7, 4.0]], dtype=torch.float64)
    mean = symmetrised(lambda x: x @ matrix.T + torch.tensor([3.0, -1.0]), X)
    torch.testing.assert_close(mean, X * (1.5 + 4.0) / 2)


@pytest.mark.parametrize("g", SYMMETRIES.double())
def test_the_mean_has_the_symmetries(g: Tensor) -> None:
    assert (curved(X @ g.T) - curved(X) @ g.T).abs().max() > 0.1 or torch.equal(g, torch.eye(2))
    torch.testing.assert_close(symmetrised(curved, X @ g.T), symmetrised(curved, X) @ g.T)


@pytest.mark.parametrize("sigma", [0.01, 0.3, 1.0])
def test_the_exact_denoiser_has_them_already(sigma: float) -> None:
    exact = SQUARE.denoiser(X, sigma)
    torch.testing.assert_close(symmetrised(lambda x: SQUARE.denoiser(x, sigma), X), exact)
