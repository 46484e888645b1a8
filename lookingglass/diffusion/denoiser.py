"""The one interface that networks and exact truths share, so every sampler runs on either."""

from typing import Protocol, runtime_checkable

from jaxtyping import Float, Int64
from torch import Tensor

Sigma = float | Float[Tensor, ""] | Float[Tensor, " n"]
"""A noise level: one for all points, or one for each."""


@runtime_checkable
class Denoiser(Protocol):
    """Predicts the noise eps in x_t = x_0 + sigma eps (exercise, section 2.1.2, detail 2).

    The denoised point is x - sigma eps (equation 8) and the score -eps / sigma.
    """

    def __call__(
        self, x: Float[Tensor, "n 2"], sigma: Sigma, label: Int64[Tensor, " n"] | None = None
    ) -> Float[Tensor, "n 2"]:
        """eps for points x at noise level sigma; label is the class, where there are classes."""
        ...
