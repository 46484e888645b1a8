"""Noise schedules: how much noise there is at time t.

A variance-exploding process adds noise and never shrinks, S(t) = 1 (exercise, equation 3), so
the standard deviation sigma(t) of the noise says everything.

Erratum: the exercise's equation 4 prints x_t = x_0 + sigma(t)^2 eps. Its equations 2 and 8 need
x_t = x_0 + sigma(t) eps, which is what this library means by x_t throughout.
"""

import math
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import torch
from jaxtyping import Float
from torch import Tensor

Times = Float[Tensor, "*shape"]
"""Times in [0, 1], of any shape; what is computed from them has the same."""


@runtime_checkable
class Schedule(Protocol):
    """What a sampler, a likelihood or a loss asks of a schedule."""

    def sigma(self, t: Times) -> Times:
        """Standard deviation of the noise at time t."""
        ...

    def sigma_dot(self, t: Times) -> Times:
        """Time derivative of sigma, which equation 7 needs."""
        ...

    def snr(self, t: Times) -> Times:
        """Signal-to-noise ratio 1 / sigma(t)^2 (below equation 9)."""
        ...

    def time_of(self, sigma: Times) -> Times:
        """The inverse of sigma(t)."""
        ...


@dataclass(frozen=True)
class ExponentialSchedule:
    """sigma(t) = exp(rate (t - 1)) for t in [0, 1] (exercise, section 2.2).

    Noise falls by the same factor in steps of equal length, from sigma(1) = 1 down to
    sigma(0) = exp(-rate), which is 0.0067 for the exercise's rate of 5.

    Raises ValueError unless rate is finite and positive.
    """

    rate: float = 5.0

    def __post_init__(self) -> None:
        if not (math.isfinite(self.rate) and self.rate > 0):
            raise ValueError(f"rate = {self.rate}: must be finite and greater than 0")

    def sigma(self, t: Times) -> Times:
        """exp(rate (t - 1))."""
        return torch.exp(self.rate * (t - 1))

    def sigma_dot(self, t: Times) -> Times:
        """rate sigma(t)."""
        return self.rate * self.sigma(t)

    def snr(self, t: Times) -> Times:
        """exp(-2 rate (t - 1))."""
        return torch.exp(-2 * self.rate * (t - 1))

    def time_of(self, sigma: Times) -> Times:
        """1 + log(sigma) / rate."""
        return 1 + torch.log(sigma) / self.rate
