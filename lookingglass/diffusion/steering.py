"""Making a model output a chosen point (exercise 2.2.2, bonus), and what that costs.

All methods act on one process, ancestral sampling (see `samplers`), of which x is the state:

    x' = x - (sigma - sigma_down) eps(x, sigma) + sigma_up u,   u ~ N(0, I),

from x = u_0 ~ N(0, I). With eta = 0 it is the flow (DDIM), whose only noise is u_0; with eta = 1
it is the reverse SDE. There every trajectory, however it was forced, is the trajectory of *some*
noise. So all methods pay in one currency: the norm of all the noise, and how improbable that is.

With the exact denoiser, the least norm that reaches a point x far outside is close to
sqrt(-2 log p(x)): the price of forcing a point is its improbability.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from lookingglass.diffusion.denoiser import Denoiser
from lookingglass.diffusion.samplers import ancestral_step

Point = Float[Tensor, "1 2"]
Series = Float[Tensor, "times 2"]
"""A trajectory (its last state is the output), or the noise that produces one (u_0 first)."""


@dataclass(frozen=True)
class Process:
    """Sampling one point as a function of its noise.

    `sigmas` fall from sigma_max to sigma_min, in the dtype to compute in.
    """

    denoiser: Denoiser
    sigmas: Float[Tensor, " times"]
    eta: float = 1.0

    @property
    def sigma_up(self) -> Float[Tensor, " steps"]:
        """The standard deviation of the noise that each step adds."""
        return ancestral_step(self.sigmas[:-1], self.sigmas[1:], self.eta)[1]

    @property
    def drift(self) -> Float[Tensor, " steps"]:
        """sigma - sigma_down, the factor of -eps in each step."""
        return self.sigmas[:-1] - ancestral_step(self.sigmas[:-1], self.sigmas[1:], self.eta)[0]

    def coefficients(self) -> Iterator[tuple[float, float, float]]:
        """(sigma, drift, sigma_up) of each step."""
        columns = self.sigmas[:-1], self.drift, self.sigma_up
        return zip(*(column.tolist() for column in columns), strict=True)

    def run(self, noise: Series) -> Series:
        """The trajectory that the noise produces."""
        trajectory = [noise[:1]]
        for u, (sigma, drift, sigma_up) in zip(noise[1:], self.coefficients(), strict=True):
            x = trajectory[-1]
            trajectory.append(x - drift * self.denoiser(x, sigma) + sigma_up * u)
        return torch.cat(trajectory)

    def noise_of(self, trajectory: Series) -> Series:
        """The noise that produces a given trajectory: the inverse of run, for eta > 0."""
        x = trajectory[:-1]
        mean = x - self.drift[:, None] * self.denoiser(x, self.sigmas[:-1])
        return torch.cat([trajectory[:1], (trajectory[1:] - mean) / self.sigma_up[:, None]])

    def jacobian(self, trajectory: Series) -> Float[Tensor, "times 2 2"]:
        """d output / d noise, one matrix for each noise, at the noise of the trajectory."""
        x = trajectory[:-1].detach().requires_grad_()
        with torch.enable_grad():
            eps = self.denoiser(x, self.sigmas[:-1])
            rows = [torch.autograd.grad(eps[:, i].sum(), x, retain_graph=True)[0] for i in (0, 1)]
        identity = torch.eye(2).to(trajectory)
        step = identity - self.drift[:, None, None] * torch.stack(rows, dim=1)  # d x' / d x
        to_end = [identity]
        for matrix in step.flip(0):
            to_end.append(to_end[-1] @ matrix)
        to_end.reverse()
        scale = torch.cat([trajectory.new_ones(1), self.sigma_up])
        return torch.stack(to_end) * scale[:, None, None]


def hold(process: Process, target: Point) -> Series:
    """The noise that keeps the state at the target all the time."""
    return process.noise_of(target.expand(len(process.sigmas), 2))


def straight(process: Process, start: Point, target: Point) -> Series:
    """The noise that moves the state from start to target, straight and at constant speed in t."""
    done = torch.linspace(0, 1, len(process.sigmas)).to(start)[:, None]
    return process.noise_of((1 - done) * start + done * target)


def last_noise(process: Process, noise: Series, target: Point) -> Series:
    """The same noise but for the last, which is chosen to end at the target."""
    trajectory = process.run(noise)
    mean = trajectory[-1:] - process.sigma_up[-1] * noise[-1:]
    return torch.cat([noise[:-1], (target - mean) / process.sigma_up[-1]])


def replace_denoised(process: Process, noise: Series, target: Point) -> Series:
    """The trajectory if each step takes the target for the denoised point x - sigma eps."""

    def towards(x: Tensor, sigma: float | Tensor, label: Tensor | None = None) -> Tensor:
        return (x - target) / torch.as_tensor(sigma, dtype=x.dtype).reshape(-1, 1)

    return Process(towards, process.sigmas, process.eta).run(noise)


def guided(process: Process, noise: Series, target: Point, rate: float) -> Series:
    """The trajectory of diffusion posterior sampling (Chung et al. 2022, arXiv 2209.14687).

    Their algorithm 1: each step also moves by `rate` times the negative gradient of
    |target - x_0_hat(x)|, the distance to the denoised point, through the denoiser.
    """
    trajectory = [noise[:1]]
    for u, (sigma, drift, sigma_up) in zip(noise[1:], process.coefficients(), strict=True):
        with torch.enable_grad():
            x = trajectory[-1].detach().requires_grad_()
            eps = process.denoiser(x, sigma)
            distance = (target - (x - sigma * eps)).norm()
            (gradient,) = torch.autograd.grad(distance, x)
        trajectory.append((x - drift * eps + sigma_up * u - rate * gradient).detach())
    return torch.cat(trajectory)


def invert(process: Process, target: Point) -> Series:
    """The flow (eta = 0) run backwards from the target: its start as u_0, then zeros.

    Each step is inverted by fixed-point iteration, so the flow forwards ends at the target as
    closely as that converges.
    """
    x = target
    for sigma, drift, _ in reversed(list(process.coefficients())):
        x_next = x
        for _ in range(5):
            x = x_next + drift * process.denoiser(x, sigma)
    return torch.cat([x, x.new_zeros(len(process.sigmas) - 1, 2)])


def descend(
    process: Process, noise: Series, target: Point, *, rate: float, iterations: int
) -> Iterator[Series]:
    """Adam on the start u_0 alone, to move the output to the target; the noise after each step."""
    start = noise[:1].clone()
    adam = torch.optim.Adam([start], lr=rate)
    for _ in range(iterations):
        trajectory = process.run(torch.cat([start, noise[1:]]))
        # gradient of the squared distance
        start.grad = 2 * (trajectory[-1:] - target) @ process.jacobian(trajectory)[0]
        adam.step()
        yield torch.cat([start, noise[1:]])


def minimum_norm(
    process: Process, noise: Series, target: Point, *, iterations: int
) -> Iterator[Series]:
    """The least noise that leads to the target: min |u| subject to output(u) = target.

    Sequential quadratic programming: linearise the output around the current noise u and take the
    least-norm solution, u' = J^T (J J^T)^-1 (target - output + J u). The noise has to start near a
    solution (`hold`, or `invert` for the flow, where this is Newton's method). Yields the noise
    after each iteration. The last quarter of the iterations make the smallest change that removes
    what is left of the distance.
    """
    for i in range(iterations):
        trajectory = process.run(noise)
        jacobian = process.jacobian(trajectory).permute(1, 0, 2).flatten(1)  # (2, times * 2)
        missing = (target - trajectory[-1:]).flatten()
        if i < iterations * 3 // 4:
            missing = missing + jacobian @ noise.flatten()
            noise = torch.zeros_like(noise)  # the change is all of u', not one of u
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
