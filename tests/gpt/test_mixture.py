import pytest
import torch

from lookingglass.gpt.mixture import best_weight, mix


def scores(seed: int) -> torch.Tensor:
    """Log-probabilities of 500 tokens, from near 0 down to -1000."""
    generator = torch.Generator().manual_seed(seed)
    draws = torch.rand(500, dtype=torch.float64, generator=generator)
    draws[:3] = torch.tensor([0.0, 1.0, 0.5])
    return -1000 * draws**8 - 1e-3


@pytest.mark.parametrize("weight", [0.0, 1e-9, 0.3, 0.5, 1.0])
def test_the_mixtures_probability(weight: float) -> None:
    a, b = scores(0), scores(1)
    mixed = mix(a, b, weight)
    p = weight * a.exp() + (1 - weight) * b.exp()
    likely = p > 1e-300
    torch.testing.assert_close(mixed[likely], p[likely].log(), rtol=1e-12, atol=1e-12)
    assert mixed.isfinite().all()
    assert (mixed <= torch.maximum(a, b) + 1e-9).all()
    assert (mixed >= torch.minimum(a, b) - 1e-9).all()


def test_all_weight_on_one_is_that_one() -> None:
    a, b = scores(0), scores(1)
    assert torch.equal(mix(a, b, 1.0), a)
    assert torch.equal(mix(a, b, 0.0), b)


def test_no_weight_of_a_grid_is_better() -> None:
    a, b = scores(0), scores(1)
    best = float(mix(a, b, best_weight(a, b)).mean())
    grid = [float(mix(a, b, i / 1000).mean()) for i in range(1001)]
    assert best >= max(grid)
    assert best > max(grid[0], grid[-1]) + 1  # here mixing helps


@pytest.mark.parametrize("heads", [10, 25, 60, 79, 80, 90])
def test_the_best_weight_of_two_coins(heads: int) -> None:
    """Heads has p = 0.8 in one, 0.2 in the other: the best mixture gives it its frequency."""
    a = torch.tensor([0.8] * heads + [0.2] * (100 - heads), dtype=torch.float64).log()
    b = torch.tensor([0.2] * heads + [0.8] * (100 - heads), dtype=torch.float64).log()
    expected = min(max((heads / 100 - 0.2) / 0.6, 0), 1)
    assert best_weight(a, b) == pytest.approx(expected, abs=1e-12)


def test_the_best_weight_can_be_0_or_1() -> None:
    a = scores(0)
    assert best_weight(a, a - 1) == 1
    assert best_weight(a - 1, a) == 0
    assert best_weight(a, torch.full_like(a, -torch.inf)) == 1
