import pytest
import torch

from lookingglass.gpt.muon import Muon, orthogonalise

SHAPES = [(24, 8), (8, 8), (8, 32), (8, 32)]


def matrices(seed: int) -> list[torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    return [torch.randn(shape, generator=generator) for shape in SHAPES]


@pytest.mark.parametrize("shape", [(2, 24, 8), (1, 8, 8), (3, 8, 32)])
def test_singular_values_are_about_one_and_directions_stay(shape: tuple[int, ...]) -> None:
    x = torch.randn(shape, generator=torch.Generator().manual_seed(0))
    y = orthogonalise(x)
    values = torch.linalg.svdvals(y)
    assert float(values.min()) > 0.6
    assert float(values.max()) < 1.3
    u, _, v = torch.linalg.svd(x, full_matrices=False)
    inner = u.mT @ y @ v.mT  # diagonal if y has x's singular vectors
    torch.testing.assert_close(
        inner, torch.diag_embed(inner.diagonal(dim1=-2, dim2=-1)), rtol=0, atol=1e-4
    )


def test_steps_are_those_of_torchs_muon() -> None:
    """torch's Muon computes in bfloat16, so they agree to its three digits."""
    settings = {"lr": 0.02, "momentum": 0.95, "weight_decay": 0.5}
    ours, theirs = ([torch.nn.Parameter(m) for m in matrices(0)] for _ in range(2))
    mine, reference = Muon(ours, **settings), torch.optim.Muon(theirs, **settings)
    start = matrices(0)
    for step in range(1, 4):
        for a, b, gradient in zip(ours, theirs, matrices(step), strict=True):
            a.grad, b.grad = gradient.clone(), gradient.clone()
        mine.step()
        reference.step()
    for a, b, was in zip(ours, theirs, start, strict=True):
        torch.testing.assert_close(a, b, rtol=0, atol=1e-3)
        assert float((a - was).detach().abs().max()) > 0.02
