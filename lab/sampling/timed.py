"""A denoiser of time, as the exercise has it; those of the library are of the noise level."""

from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor

from lookingglass.diffusion.weights import Network


@dataclass(frozen=True)
class Timed:
    """The noise that a network finds in x_t, (n, 2), at times t, (n,), or one for all.

    The network computes with float32, whatever the sampler computes with.
    """

    network: Network
    sigma: Callable[[Tensor], Tensor]
    """sigma(t) of the sampler, whose schedule need not be the one that the network learned with."""

    def __call__(self, x_t: Tensor, t: Tensor) -> Tensor:
        """The noise in x_t, (n, 2)."""
        sigma = self.sigma(t).expand(len(x_t))
        eps: Tensor = self.network(x_t.float(), sigma.float())
        return eps.to(x_t.dtype)
