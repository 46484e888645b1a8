import pytest
import torch
from torch.nn.functional import gelu as reference

from lookingglass.gpt.activation import CHUNK, gelu


def values(*shape: int, dtype: torch.dtype = torch.float32) -> torch.Tensor:
    generator = torch.Generator().manual_seed(0)
    return (3 * torch.randn(*shape, generator=generator, dtype=torch.float64)).to(dtype)


@pytest.mark.parametrize("shape", [(7,), (2, 3, 5), (CHUNK + 1,), (3, CHUNK // 2)])
def test_value_and_gradient_are_torchs(shape: tuple[int, ...]) -> None:
    x = values(*shape).requires_grad_()
    exact = x.detach().double().requires_grad_()
    y, expected = gelu(x), reference(exact, approximate="tanh")
    torch.testing.assert_close(y.double(), expected, atol=2e-6, rtol=1e-6)
    slope = values(*shape).flip(0).clamp(-1, 1)
    y.backward(slope)
    expected.backward(slope.double())
    assert x.grad is not None
    assert exact.grad is not None
    torch.testing.assert_close(x.grad.double(), exact.grad, atol=5e-6, rtol=0)


def test_in_double_precision_it_loses_nothing() -> None:
    x = values(100, dtype=torch.float64).requires_grad_()
    expected = reference(x, approximate="tanh")
    torch.testing.assert_close(gelu(x), expected, atol=1e-14, rtol=0)
    assert torch.autograd.gradcheck(gelu, (x,))


def test_in_bfloat16_only_the_result_is_rounded() -> None:
    x = values(1000, dtype=torch.bfloat16)
    y = gelu(x)
    assert y.dtype == torch.bfloat16
    exact = reference(x.double(), approximate="tanh")
    torch.testing.assert_close(y.double(), exact, atol=1e-6, rtol=2**-8)


def test_far_out_it_is_zero_or_the_number_itself() -> None:
    x = torch.tensor([-1e4, -20.0, 0.0, 20.0, 1e4], requires_grad=True)
    y = gelu(x)
    assert y.tolist() == [0, 0, 0, 20, 1e4]
    y.sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == [0, 0, 0.5, 1, 1]


def test_other_layouts() -> None:
    x = values(6, 4).T
    torch.testing.assert_close(gelu(x), reference(x, approximate="tanh"), atol=2e-6, rtol=0)


def test_without_gradients_no_derivative_is_kept() -> None:
    x = values(10).requires_grad_()
    with torch.no_grad():
        assert not gelu(x).requires_grad
