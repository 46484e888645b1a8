"""The exact truth for points uniform in a box, or for a finite set of points.

Noise is independent in each coordinate, so the noised density is a product, over coordinates,
of a uniform density convolved with a Gaussian. With phi and Phi the standard normal density and
distribution function, u = (low - x) / sigma and v = (high - x) / sigma,

    p(x; sigma)    = (Phi(v) - Phi(u)) / (high - low)
    eps*(x; sigma) = E[eps | x] = -sigma d/dx log p = (phi(v) - phi(u)) / (Phi(v) - Phi(u))

eps*, the mean of a truncated normal, minimises the exercise's loss (section 2.1.2, step 4). Far
from the box everything in these fractions underflows, so they are computed in float64, with erf
for points inside the box and the scaled erfcx for points outside.

For a finite set of points the noised density is a mixture of equal Gaussians, one around each.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Bool, Float, Float64, Int64
from torch import Tensor

from lookingglass.diffusion.denoiser import Sigma
from lookingglass.diffusion.prior import GaussianPrior
from lookingglass.diffusion.schedule import Schedule


@dataclass(frozen=True)
class UniformBox:
    """The uniform distribution in the axis-aligned box between two corners.

    Raises ValueError unless each coordinate of `low` is below that of `high`.
    """

    low: tuple[float, float]
    high: tuple[float, float]

    def __post_init__(self) -> None:
        sides = [b - a for a, b in zip(self.low, self.high, strict=True)]
        if not all(math.isfinite(side) and side > 0 for side in sides):
            raise ValueError(f"low = {self.low}, high = {self.high}: low must be below high")

    @property
    def area(self) -> float:
        """Width times height."""
        return (self.high[0] - self.low[0]) * (self.high[1] - self.low[1])

    def contains(self, x: Float[Tensor, "n 2"]) -> Bool[Tensor, " n"]:
        """Whether each point lies in the box or on its edge."""
        low, high = x.new_tensor(self.low), x.new_tensor(self.high)
        return ((x >= low) & (x <= high)).all(dim=1)

    def fraction_inside(self, x: Float[Tensor, "n 2"]) -> float:
        """The fraction of the points that `contains` is true of."""
        return float(self.contains(x).double().mean())

    def sample(self, n: int, generator: torch.Generator) -> Float[Tensor, "n 2"]:
        """n points uniform in the box, float32."""
        low, high = torch.tensor(self.low), torch.tensor(self.high)
        return low + (high - low) * torch.rand(n, 2, generator=generator)

    @property
    def mean(self) -> Float64[Tensor, "2"]:
        """The mean of each coordinate: the centre."""
        low, high = (torch.tensor(corner, dtype=torch.float64) for corner in (self.low, self.high))
        return (low + high) / 2

    @property
    def variance(self) -> Float64[Tensor, "2"]:
        """The variance of each coordinate: a twelfth of the side squared."""
        low, high = (torch.tensor(corner, dtype=torch.float64) for corner in (self.low, self.high))
        return (high - low) ** 2 / 12

    def prior_at(self, schedule: Schedule) -> GaussianPrior:
        """The matched prior: the mean and the variance of the noised data at t = 1."""
        return GaussianPrior(self.mean, self.variance + schedule.sigma_max**2)

    def log_density(self, x: Float[Tensor, "n 2"], sigma: Sigma) -> Float64[Tensor, " n"]:
        """log p(x; sigma), in nats, of a uniform point plus noise of standard deviation sigma."""
        return _log_density(*self._coordinates(x, sigma)).sum(dim=1)

    def denoiser(
        self, x: Float[Tensor, "n 2"], sigma: Sigma, label: Int64[Tensor, " n"] | None = None
    ) -> Float[Tensor, "n 2"]:
        """eps*(x; sigma), the exact Denoiser; computed in float64, given in x's dtype."""
        return _eps(*self._coordinates(x, sigma)).to(x.dtype)

    def bayes_loss(self, schedule: Schedule) -> float:
        """The irreducible (Bayes) loss, that of the exact denoiser, per dimension.

        E (eps - eps*)^2 = 1 - E eps*^2 over t ~ U(0, 1), by Gauss-Legendre quadrature, accurate to
        1e-9 for the exercise's square and schedule, where it is 0.827317.
        """
        t, t_weight = (torch.from_numpy(a) for a in np.polynomial.legendre.leggauss(96))
        y, y_weight = (torch.from_numpy(a) for a in np.polynomial.legendre.leggauss(192))
        sigma = schedule.sigma((t + 1) / 2)[:, None]
        losses = []
        for side in (b - a for a, b in zip(self.low, self.high, strict=True)):
            low, high = torch.tensor(-side / 2).double(), torch.tensor(side / 2).double()
            # eps* is 0 deep inside: by symmetry 12 sigma around the right edge are enough
            start, end = (high - 12 * sigma).clamp(min=0), high + 12 * sigma
            x = start + (end - start) * (y + 1) / 2
            power = torch.exp(_log_density(x, sigma, low, high)) * _eps(x, sigma, low, high) ** 2
            losses.append(1 - float((power * (end - start) @ y_weight) @ t_weight) / 2)
        return sum(losses) / len(losses)

    def _coordinates(self, x: Tensor, sigma: Sigma) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """x, sigma, low and high in float64, shaped (n, 2) or broadcasting to it."""
        low, high = (x.new_tensor(corner, dtype=torch.float64) for corner in (self.low, self.high))
        return x.double(), _column(x, sigma), low, high


SQUARE = UniformBox((-1.0, -1.0), (1.0, 1.0))
"""The exercise's data distribution (section 2.2)."""

CHUNK = 1024  # rows of (x, points) distances at a time: 8 MB per thousand points of the cloud


@dataclass(frozen=True, eq=False)
class PointCloud:
    """The distribution that puts equal mass on each of a set of points.

    Its denoiser is the exact *empirical* one: what a network that memorised its training points
    would be (Karras et al. 2022, arXiv 2206.00364, appendix B.3), and the truth for points whose
    distribution is unknown.

    Raises ValueError unless there is at least one point and all are finite.
    """

    points: Float[Tensor, "m 2"]

    def __post_init__(self) -> None:
        if not (len(self.points) and bool(self.points.isfinite().all())):
            raise ValueError("points: must be at least one, all finite")

    def sample(self, n: int, generator: torch.Generator) -> Float[Tensor, "n 2"]:
        """n of the points, drawn with replacement, float32."""
        return self.points[torch.randint(len(self.points), (n,), generator=generator)].float()

    @property
    def mean(self) -> Float64[Tensor, "2"]:
        """The mean of each coordinate over the points."""
        return self.points.double().mean(dim=0)

    @property
    def variance(self) -> Float64[Tensor, "2"]:
        """The variance of each coordinate over the points, without Bessel's correction."""
        return self.points.double().var(dim=0, correction=0)

    def prior_at(self, schedule: Schedule) -> GaussianPrior:
        """The matched prior: the mean and the variance of the noised data at t = 1."""
        return GaussianPrior(self.mean, self.variance + schedule.sigma_max**2)

    def log_density(self, x: Float[Tensor, "n 2"], sigma: Sigma) -> Float64[Tensor, " n"]:
        """log p(x; sigma), in nats, of one of the points plus noise of standard deviation sigma."""
        sigma = _column(x, sigma).expand(len(x), 1)
        mass = [torch.logsumexp(logits, dim=1) for logits in self._logits(x.double(), sigma)]
        return torch.cat(mass) - torch.log(2 * math.pi * len(self.points) * sigma[:, 0] ** 2)

    def denoiser(
        self, x: Float[Tensor, "n 2"], sigma: Sigma, label: Int64[Tensor, " n"] | None = None
    ) -> Float[Tensor, "n 2"]:
        """(x - E[x_0 | x]) / sigma, the exact Denoiser; computed in float64, given in x's dtype."""
        sigma = _column(x, sigma).expand(len(x), 1)
        points = self.points.to(x.device).double()
        x_0 = [torch.softmax(logits, dim=1) @ points for logits in self._logits(x.double(), sigma)]
        return ((x.double() - torch.cat(x_0)) / sigma).to(x.dtype)

    def _logits(self, x: Tensor, sigma: Tensor) -> Iterator[Tensor]:
        """-|x - point|^2 / (2 sigma^2), (up to CHUNK, m) at a time."""
        points = self.points.to(x.device).double()
        for rows, sigma_rows in zip(x.split(CHUNK), sigma.split(CHUNK), strict=True):
            # |a - b|^2 multiplied out is four times faster; in float64 the rounding is harmless
            half = rows.square().sum(dim=1, keepdim=True) / 2 + points.square().sum(dim=1) / 2
            yield (rows @ points.T - half) / sigma_rows**2


def _column(x: Tensor, sigma: Sigma) -> Tensor:
    """sigma in float64, (1, 1) or (n, 1)."""
    return torch.as_tensor(sigma, dtype=torch.float64, device=x.device).reshape(-1, 1)


def _log_density(x: Tensor, sigma: Tensor, low: Tensor, high: Tensor) -> Tensor:
    """Log density of one coordinate; the arguments broadcast."""
    near, far, decay_m1, _ = _edges(x, sigma, low, high)
    inside, outside = near.clamp(min=0), near.clamp(max=0)
    log_mass_inside = torch.log(torch.erf(inside) + torch.erf(far))
    log_mass_outside = torch.log(_scaled_mass(outside, far, decay_m1)) - outside**2
    log_mass = torch.where(near > 0, log_mass_inside, log_mass_outside)
    return log_mass - torch.log(2 * (high - low))


def _eps(x: Tensor, sigma: Tensor, low: Tensor, high: Tensor) -> Tensor:
    """eps* of one coordinate; the arguments broadcast."""
    near, far, decay_m1, sign = _edges(x, sigma, low, high)
    inside, outside = near.clamp(min=0), near.clamp(max=0)
    per_gap_inside = torch.exp(-(inside**2)) / (torch.erf(inside) + torch.erf(far))
    per_gap_outside = 1 / _scaled_mass(outside, far, decay_m1)
    per_gap = torch.where(near > 0, per_gap_inside, per_gap_outside)
    return -sign * decay_m1 * per_gap * math.sqrt(2 / math.pi)


def _edges(
    x: Tensor, sigma: Tensor, low: Tensor, high: Tensor
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Distances from x to the two edges in units of sqrt(2) sigma, x mirrored to the right half.

    Returns the distance to the nearer edge (negative outside), that to the other one,
    exp(near^2 - far^2) - 1, and the sign that mirrors eps back.
    """
    offset = x - (low + high) / 2
    # torch.sign is 0 at the centre, which would zero eps's gradient there
    sign = torch.where(offset < 0, -1.0, 1.0).to(offset)
    half, distance = (high - low) / 2, sign * offset
    scale = math.sqrt(0.5) / sigma
    near, far = (half - distance) * scale, (half + distance) * scale
    return near, far, torch.expm1(-4 * half * distance * scale**2), sign


def _scaled_mass(near: Tensor, far: Tensor, decay_m1: Tensor) -> Tensor:
    """2 (Phi(v) - Phi(u)) exp(near^2) for near <= 0, where the mass alone would underflow."""
    mass: Tensor = torch.special.erfcx(-near) - (1 + decay_m1) * torch.special.erfcx(far)
    return mass
