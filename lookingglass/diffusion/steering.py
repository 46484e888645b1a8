"""Making a model output a chosen point (exercise 2.2.2, bonus), and what that costs.

One process carries all ways (Song, Meng and Ermon 2020, arXiv 2010.02502, equation 16, for a
variance-exploding process): from sigma to sigma' < sigma,

    x' = x - (sigma - sqrt(sigma'^2 - s^2)) eps(x, sigma) + s u,
    s  = strength sigma' sqrt(1 - sigma'^2 / sigma^2),

with noise u ~ N(0, I), from x = u_0 ~ N(0, I). Strength 0 is the flow (DDIM), whose only noise is
u_0; strength 1 is the reverse SDE. There, every path, however it was forced, is the path of *some*
noise. So all ways pay in one currency: the norm of all the noise, and how improbable that is.

With the exact denoiser the least norm that reaches a point x far outside is close to
sqrt(-2 log p(x)): the price of forcing a point is its improbability.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from lookingglass.diffusion.denoiser import Denoiser

Point = Float[Tensor, "1 2"]
Series = Float[Tensor, "times 2"]
"""A path (its last state is the output), or the noise that leads along one (u_0 first)."""


@dataclass(frozen=True)
class Process:
    """Sampling one point as a function of its noise.

    levels are sigma_1 > ... > sigma_0, floating-point numbers of the dtype to compute in.
    """

    denoiser: Denoiser
    levels: Float[Tensor, " times"]
    strength: float = 1.0

    @property
    def scale(self) -> Float[Tensor, " steps"]:
        """s, the standard deviation of the noise that each step adds."""
        sigma, following = self.levels[:-1], self.levels[1:]
        return self.strength * following * (1 - (following / sigma) ** 2).sqrt()

    @property
    def pull(self) -> Float[Tensor, " steps"]:
        """What each step multiplies -eps with."""
        return self.levels[:-1] - (self.levels[1:] ** 2 - self.scale**2).sqrt()

    def run(self, noise: Series) -> Series:
        """The path that the noise leads along."""
        path = [noise[:1]]
        coefficients = (self.levels[:-1].tolist(), self.pull.tolist(), self.scale.tolist())
        for u, sigma, pull, s in zip(noise[1:], *coefficients, strict=True):
            path.append(path[-1] - pull * self.denoiser(path[-1], sigma) + s * u)
        return torch.cat(path)

    def noise_of(self, path: Series) -> Series:
        """The noise that leads along a given path: the inverse of run, for strength > 0."""
        here = path[:-1]
        mean = here - self.pull[:, None] * self.denoiser(here, self.levels[:-1])
        return torch.cat([path[:1], (path[1:] - mean) / self.scale[:, None]])

    def sensitivity(self, path: Series) -> Float[Tensor, "times 2 2"]:
        """d output / d noise, at the noise that leads along `path`, one matrix for each noise."""
        here = path[:-1].detach().requires_grad_()
        with torch.enable_grad():
            eps = self.denoiser(here, self.levels[:-1])
            rows = [
                torch.autograd.grad(eps[:, i].sum(), here, retain_graph=True)[0] for i in (0, 1)
            ]
        identity = torch.eye(2).to(path)
        onward = identity - self.pull[:, None, None] * torch.stack(rows, dim=1)  # d x' / d x
        to_end = [identity]
        for matrix in onward.flip(0):
            to_end.append(to_end[-1] @ matrix)
        to_end.reverse()
        return torch.stack(to_end) * torch.cat([path.new_ones(1), self.scale])[:, None, None]


def hold(process: Process, target: Point) -> Series:
    """The noise that keeps the state at the target all the time."""
    return process.noise_of(target.expand(len(process.levels), 2))


def straight(process: Process, start: Point, target: Point) -> Series:
    """The noise that leads from start to target in a straight line at constant speed in t."""
    done = torch.linspace(0, 1, len(process.levels)).to(start)[:, None]
    return process.noise_of((1 - done) * start + done * target)


def last_noise(process: Process, noise: Series, target: Point) -> Series:
    """The same noise, but for the last one, which is what the target needs."""
    path = process.run(noise)
    mean = path[-1:] - process.scale[-1] * noise[-1:]
    return torch.cat([noise[:-1], (target - mean) / process.scale[-1]])


def replace_denoised(process: Process, noise: Series, target: Point) -> Series:
    """The path, if in each step the denoised point x - sigma eps is replaced by the target."""

    def towards(x: Tensor, sigma: float | Tensor, label: Tensor | None = None) -> Tensor:
        return (x - target) / torch.as_tensor(sigma, dtype=x.dtype).reshape(-1, 1)

    return Process(towards, process.levels, process.strength).run(noise)


def guided(process: Process, noise: Series, target: Point, rate: float) -> Series:
    """The path of diffusion posterior sampling (Chung et al. 2022, arXiv 2209.14687, algorithm 1).

    Each step also goes `rate` along minus the gradient of |target - x_0_hat(x)|, the distance of
    the denoised point, through the denoiser.
    """
    path = [noise[:1]]
    coefficients = (process.levels[:-1].tolist(), process.pull.tolist(), process.scale.tolist())
    for u, sigma, pull, s in zip(noise[1:], *coefficients, strict=True):
        with torch.enable_grad():
            x = path[-1].detach().requires_grad_()
            eps = process.denoiser(x, sigma)
            distance = (target - (x - sigma * eps)).norm()
            (gradient,) = torch.autograd.grad(distance, x)
        path.append((x - pull * eps + s * u - rate * gradient).detach())
    return torch.cat(path)


def invert(process: Process, target: Point) -> Series:
    """The flow run backwards from the target, for strength 0: the noise is its start, then zeros.

    Each step solves for where it came from by fixed-point iteration, so the flow forwards ends
    at the target again as closely as that converges.
    """
    x = target
    for sigma, pull in zip(
        process.levels[:-1].flip(0).tolist(), process.pull.flip(0).tolist(), strict=True
    ):
        before = x
        for _ in range(5):
            before = x + pull * process.denoiser(before, sigma)
        x = before
    return torch.cat([x, x.new_zeros(len(process.levels) - 1, 2)])


def descend(
    process: Process, noise: Series, target: Point, *, rate: float, iterations: int
) -> Iterator[Series]:
    """Adam on the start u_0 alone, to bring the output to the target; the noise after each step."""
    start = noise[:1].clone()
    adam = torch.optim.Adam([start], lr=rate)
    for _ in range(iterations):
        path = process.run(torch.cat([start, noise[1:]]))
        # gradient of the squared distance
        start.grad = 2 * (path[-1:] - target) @ process.sensitivity(path)[0]
        adam.step()
        yield torch.cat([start, noise[1:]])


def minimum_norm(
    process: Process, noise: Series, target: Point, *, iterations: int
) -> Iterator[Series]:
    """The least noise that leads to the target: min |u| subject to output(u) = target.

    Sequential quadratic programming: the output is linearised around the current noise u, and the
    least-norm solution of that is next, u' = J^T (J J^T)^-1 (target - output + J u). The noise has
    to start near a solution (`hold`, or `invert` for the flow, where this is Newton's method).
    Yields the noise after each iteration; of the last quarter of them each only mends what is
    left of the distance, by the smallest change.
    """
    for i in range(iterations):
        path = process.run(noise)
        jacobian = process.sensitivity(path).permute(1, 0, 2).flatten(1)  # (2, times * 2)
        missing = (target - path[-1:]).flatten()
        if i < iterations * 3 // 4:
            missing = missing + jacobian @ noise.flatten()
            change = jacobian.T @ torch.linalg.solve(jacobian @ jacobian.T, missing)
            noise = change.view_as(noise)
        else:
            change = jacobian.T @ torch.linalg.solve(jacobian @ jacobian.T, missing)
            noise = noise + change.view_as(noise)
        yield noise


def log10_improbability(norm: float, dimensions: int) -> float:
    """log10 of the probability that standard normal noise has at least this norm.

    For an even number of dimensions, P = exp(-h) sum_{k < dimensions / 2} h^k / k!, h = norm^2 / 2.
    """
    half = norm**2 / 2
    if half == 0:
        return 0.0
    k = torch.arange(dimensions // 2, dtype=torch.float64)
    terms = k * math.log(half) - torch.lgamma(k + 1)
    return min(0.0, (float(terms.logsumexp(dim=0)) - half) / math.log(10))
