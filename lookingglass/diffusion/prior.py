"""The Gaussian that sampling starts from."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int64
from torch import Tensor


@dataclass(frozen=True)
class GaussianPrior:
    """N(mean, variance), coordinates independent; the exercise's N(0, I) is the default.

    mean and variance are numbers, or tensors that broadcast to the points' (n, 2). The matched
    prior, `prior_at` of an exact truth, has the mean and the variance of the noised data.
    """

    mean: float | Tensor = 0.0
    variance: float | Tensor = 1.0

    def transform(self, z: Float[Tensor, "n 2"]) -> Float[Tensor, "n 2"]:
        """A draw of this prior from z ~ N(0, I), in z's dtype: mean + sqrt(variance) z."""
        mean, variance = (
            torch.as_tensor(moment, dtype=torch.float64) for moment in (self.mean, self.variance)
        )
        return mean.to(z) + variance.sqrt().to(z) * z

    def log_density(self, x: Float[Tensor, "n 2"]) -> Float[Tensor, " n"]:
        """log N(x; mean, variance), in nats."""
        variance = torch.as_tensor(self.variance, dtype=x.dtype, device=x.device)
        squares = (x - self.mean) ** 2 / variance
        return -(squares + torch.log(2 * math.pi * variance)).sum(dim=1) / 2

    def kl_from(self, x: Float[Tensor, "n 2"], sigma: float) -> Float[Tensor, " n"]:
        """KL(N(x, sigma^2 I) | prior), in nats."""
        variance = torch.as_tensor(self.variance, dtype=x.dtype, device=x.device)
        ratio = sigma**2 / variance
        squares = (x - self.mean) ** 2 / variance
        return (squares + ratio - 1 - torch.log(ratio)).sum(dim=1) / 2


STANDARD = GaussianPrior()


def by_class(priors: Sequence[GaussianPrior], label: Int64[Tensor, " n"]) -> GaussianPrior:
    """The prior of each point's class: row i has the mean and variance of priors[label[i]]."""
    mean = torch.stack([torch.as_tensor(prior.mean) for prior in priors])
    variance = torch.stack([torch.as_tensor(prior.variance) for prior in priors])
    return GaussianPrior(mean[label], variance[label])
