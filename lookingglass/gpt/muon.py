"""Muon, the optimiser of the blocks' matrices (Jordan 2024, kellerjordan.github.io/posts/muon).

The momentum of each matrix is replaced by the nearest matrix with all singular values about 1, so
that rare directions learn as fast as common ones.

torch.optim.Muon does the same in bfloat16. On a CPU without bfloat16 instructions a step of it
takes longer than the rest of a training step; this one computes in the parameters' own dtype, for a
fifteenth of a step.
"""

from collections.abc import Iterable
from typing import cast

import torch
from jaxtyping import Float
from torch import Tensor

# an odd polynomial that, applied repeatedly, drives singular values from (0, 1] to about 1
_A, _B, _C = 3.4445, -4.7750, 2.0315
_STEPS = 5


def orthogonalise(x: Float[Tensor, "n rows columns"]) -> Float[Tensor, "n rows columns"]:
    """U V^T of each matrix's singular value decomposition, roughly: singular values 0.7 to 1.2.

    Newton-Schulz iteration: x <- (A + B x x^T + C (x x^T)^2) x. The factors are polynomials in the
    first x x^T, so their product is accumulated; x itself, which may be much wider, is needed only
    at the start and at the end.
    """
    if x.shape[-2] > x.shape[-1]:
        return orthogonalise(x.mT).mT
    x = x / (x.norm(dim=(-2, -1), keepdim=True) + 1e-7)
    gram = x @ x.mT
    eye = torch.eye(gram.shape[-1], dtype=x.dtype, device=x.device)
    product = factor = torch.baddbmm(_A * eye + _B * gram, gram, gram, alpha=_C)
    for _ in range(_STEPS - 1):
        gram = factor @ gram @ factor
        factor = torch.baddbmm(_A * eye + _B * gram, gram, gram, alpha=_C)
        product = factor @ product
    return product @ x


class Muon(torch.optim.Optimizer):
    """SGD with Nesterov momentum, orthogonalised, and decoupled weight decay.

    A step moves an m x n matrix by lr sqrt(max(1, m / n)) times an orthogonal one, whatever the
    size of its gradient, after shrinking it by lr weight_decay.
    """

    def __init__(
        self,
        params: Iterable[torch.nn.Parameter],
        *,
        lr: float,
        momentum: float = 0.95,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(params, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # type: ignore[override]
        """Update every parameter; each must be a matrix and have a gradient."""
        for group in self.param_groups:
            lr, momentum, decay = group["lr"], group["momentum"], group["weight_decay"]
            by_shape: dict[torch.Size, list[Tensor]] = {}
            for parameter in group["params"]:
                by_shape.setdefault(parameter.shape, []).append(parameter)
            for (rows, columns), parameters in by_shape.items():
                ahead = []
                for parameter in parameters:
                    state = self.state[parameter]
                    if not state:
                        state["momentum"] = torch.zeros_like(parameter)
                    gradient = cast(Tensor, parameter.grad)
                    average = state["momentum"].lerp_(gradient, 1 - momentum)
                    ahead.append(gradient.lerp(average, momentum))  # Nesterov's look ahead
                updates = orthogonalise(torch.stack(ahead))  # many small matrices at once
                for parameter, update in zip(parameters, updates, strict=True):
                    parameter.mul_(1 - lr * decay)
                    parameter.add_(update, alpha=-lr * max(1.0, rows / columns) ** 0.5)
