"""The head and its loss in one, a few positions at a time.

The logits are the largest tensor of a training step. Made, used and forgotten by the chunk they
stay in the processor's cache, and backward never reads them again: the gradient of cross-entropy,
softmax - one-hot, is known as soon as they are (as in Wijmans et al. 2025, "Cut your losses in
large-vocabulary language models"). torch.nn.functional.linear_cross_entropy does the same, but
knows nothing of autocast, and gives a loss that is rounded to bfloat16 where its inputs are.
"""

from typing import Any

import torch
from jaxtyping import Float, Int64
from torch import Tensor
from torch.autograd.function import once_differentiable

CHUNK = 256  # positions at a time: 4 MB of logits for 3,600 rows


class _LinearCrossEntropy(torch.autograd.Function):
    """Computes the gradients with the loss; backward only scales them."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, bias: Tensor, targets: Tensor) -> Tensor:
        kind = x.device.type
        dtype = torch.get_autocast_dtype(kind) if torch.is_autocast_enabled(kind) else weight.dtype
        with torch.autocast(kind, enabled=False):
            rounded_x, rounded_weight = x.to(dtype), weight.to(dtype)
            x_grad = torch.empty_like(rounded_x)
            weight_grad, bias_grad = torch.zeros_like(weight), torch.zeros_like(bias)
            total = bias.new_zeros(())
            space = rounded_x.new_empty(min(CHUNK, len(x)), len(weight))  # the same for each chunk
            for start in range(0, len(x), CHUNK):
                some = slice(start, start + CHUNK)
                target = targets[some, None]
                logits = torch.mm(rounded_x[some], rounded_weight.T, out=space[: len(target)])
                logits = logits.to(weight.dtype).add_(bias)
                logits -= logits.amax(dim=1, keepdim=True)  # or exp could overflow
                total -= logits.gather(1, target).sum()
                p = logits.exp_()
                norm = p.sum(dim=1, keepdim=True)
                total += norm.log().sum()
                slope = p.div_(norm)
                slope.scatter_add_(1, target, -torch.ones_like(norm))
                bias_grad += slope.sum(dim=0)
                slope = slope.to(dtype)
                torch.mm(slope, rounded_weight, out=x_grad[some])
                weight_grad += slope.T @ rounded_x[some]
        ctx.save_for_backward(x_grad.to(x.dtype), weight_grad, bias_grad)
        return total / len(x)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, slope: Tensor) -> tuple[Tensor, Tensor, Tensor, None]:
        x_grad, weight_grad, bias_grad = ctx.saved_tensors
        slope = slope / len(x_grad)
        return slope * x_grad, slope * weight_grad, slope * bias_grad, None


def linear_cross_entropy(
    x: Float[Tensor, "n C"],
    weight: Float[Tensor, "V C"],
    bias: Float[Tensor, " V"],
    targets: Int64[Tensor, " n"],
) -> Float[Tensor, ""]:
    """cross_entropy(linear(x, weight, bias), targets): the mean over n positions, in nats.

    Under autocast the products of matrices are in its dtype; softmax, loss and the sums of
    gradients keep the weights'.
    """
    loss: Tensor = _LinearCrossEntropy.apply(x, weight, bias, targets)  # type: ignore[no-untyped-call]
    return loss
