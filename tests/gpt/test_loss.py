"""The head and its loss in one, beside torch's own two functions."""

import pytest
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy, linear

from lookingglass.gpt.loss import CHUNK, linear_cross_entropy


def inputs(n: int, dtype: torch.dtype) -> list[Tensor]:
    generator = torch.Generator().manual_seed(0)
    shapes = (n, 12), (40, 12), (40,)
    made = [torch.randn(shape, generator=generator, dtype=dtype) for shape in shapes]
    return [*(tensor.requires_grad_() for tensor in made), torch.arange(n) % 40]


def separate(x: Tensor, weight: Tensor, bias: Tensor, targets: Tensor) -> Tensor:
    return cross_entropy(linear(x, weight, bias), targets)


@pytest.mark.parametrize("n", [1, CHUNK, 2 * CHUNK + 5])
def test_loss_and_gradients(n: int) -> None:
    found = []
    for function in (linear_cross_entropy, separate):
        *tensors, targets = inputs(n, torch.float64)
        loss = function(*tensors, targets)
        (3 * loss).backward()  # a slope other than 1
        found.append([loss.detach(), *(tensor.grad for tensor in tensors)])
    torch.testing.assert_close(*found, rtol=1e-12, atol=1e-14)


def test_bfloat16_rounds_no_more_than_autocast_does() -> None:
    *tensors, targets = inputs(CHUNK + 100, torch.float32)
    exact = separate(*tensors, targets)
    truth = torch.autograd.grad(exact, tensors)
    errors = []
    for function in (linear_cross_entropy, separate):
        with torch.autocast("cpu", torch.bfloat16):
            loss = function(*tensors, targets)
        assert loss.dtype == torch.float32
        assert loss.item() == pytest.approx(exact.item(), rel=1e-3)
        assert loss.item() != exact.item(), "nothing was rounded"
        gradients = torch.autograd.grad(loss, tensors)
        errors.append(
            [float((a - b).norm() / b.norm()) for a, b in zip(gradients, truth, strict=True)]
        )
    for ours, theirs in zip(*errors, strict=True):
        assert ours < 1.2 * theirs < 0.02
