"""Noise schedules: how much noise there is at time t.

A variance-exploding process adds noise and never shrinks the data, S(t) = 1 (exercise, equation 3),
so sigma(t), the standard deviation of the noise, is all there is to choose.

Erratum: the exercise's equation 4 prints x_t = x_0 + sigma(t)^2 eps. Its equations 2 and 8 need
x_t = x_0 + sigma(t) eps, which is what x_t means throughout this library.
"""

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

Times = Float[Tensor, "*shape"]
"""Times in [0, 1], of any shape; whatever is computed from them has the same shape."""


class Schedule(ABC):
    """Noise levels sigma(t) that rise with t in [0, 1]."""

    @abstractmethod
    def sigma(self, t: Times) -> Times:
        """Standard deviation of the noise at time t."""

    @abstractmethod
    def sigma_dot(self, t: Times) -> Times:
        """Time derivative of sigma, needed by equation 7."""

    @abstractmethod
    def time_of(self, sigma: Times) -> Times:
        """The inverse of sigma(t)."""

    def snr(self, t: Times) -> Times:
        """Signal-to-noise ratio 1 / sigma(t)^2 (below equation 9)."""
        return self.sigma(t) ** -2

    @property
    def sigma_min(self) -> float:
        """sigma(0), the noise that is left when sampling ends."""
        return float(self.sigma(torch.zeros((), dtype=torch.float64)))

    @property
    def sigma_max(self) -> float:
        """sigma(1), the noise that sampling starts from."""
        return float(self.sigma(torch.ones((), dtype=torch.float64)))


@dataclass(frozen=True)
class ExponentialSchedule(Schedule):
    """sigma(t) = exp(rate (t - 1)) (exercise, section 2.2).

    Equal time steps divide sigma by equal factors, from sigma(1) = 1 down to sigma(0) = exp(-rate),
    which is 0.0067 for the exercise's rate of 5.

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

    def time_of(self, sigma: Times) -> Times:
        """1 + log(sigma) / rate."""
        return 1 + torch.log(sigma) / self.rate


@dataclass(frozen=True)
class KarrasSchedule(Schedule):
    """Equal steps in sigma^(1/rho), from sigma(0) = low to sigma(1) = high.

    Karras et al. 2022 (arXiv 2206.00364), equation 5, with rho = 7. rho = 1 is linear in sigma; as
    rho grows, it approaches the exponential schedule.

    Raises ValueError unless 0 < low < high, both finite.
    """

    low: float
    high: float = 1.0
    rho: float = 7.0

    def __post_init__(self) -> None:
        _check_ends(self.low, self.high)

    def sigma(self, t: Times) -> Times:
        """(low^(1/rho) + t (high^(1/rho) - low^(1/rho)))^rho."""
        start, length = self._roots()
        return (start + t * length) ** self.rho

    def sigma_dot(self, t: Times) -> Times:
        """Time derivative of sigma."""
        start, length = self._roots()
        return self.rho * length * (start + t * length) ** (self.rho - 1)

    def time_of(self, sigma: Times) -> Times:
        """The inverse of sigma(t)."""
        start, length = self._roots()
        return (sigma ** (1 / self.rho) - start) / length

    def _roots(self) -> tuple[float, float]:
        start = self.low ** (1 / self.rho)
        return start, self.high ** (1 / self.rho) - start


@dataclass(frozen=True)
class CosineSchedule(Schedule):
    """Equal steps in the angle atan(sigma), from sigma(0) = low to sigma(1) = high.

    The cosine schedule of Nichol and Dhariwal 2021 (arXiv 2102.09672, equation 17, without its
    offset) scales the signal by cos(angle) and the noise by sin(angle), with an angle that grows at
    constant speed. For a process that never shrinks the data this is sigma = tan(angle).

    Raises ValueError unless 0 < low < high, both finite.
    """

    low: float
    high: float = 1.0

    def __post_init__(self) -> None:
        _check_ends(self.low, self.high)

    def sigma(self, t: Times) -> Times:
        """tan(atan(low) + t (atan(high) - atan(low)))."""
        start, length = self._angles()
        return torch.tan(start + t * length)

    def sigma_dot(self, t: Times) -> Times:
        """(atan(high) - atan(low)) (1 + sigma(t)^2)."""
        return self._angles()[1] * (1 + self.sigma(t) ** 2)

    def time_of(self, sigma: Times) -> Times:
        """(atan(sigma) - atan(low)) / (atan(high) - atan(low))."""
        start, length = self._angles()
        return (torch.atan(sigma) - start) / length

    def _angles(self) -> tuple[float, float]:
        start = math.atan(self.low)
        return start, math.atan(self.high) - start


def _check_ends(low: float, high: float) -> None:
    if not (0 < low < high < math.inf):
        raise ValueError(f"low = {low}, high = {high}: must be 0 < low < high, finite")
