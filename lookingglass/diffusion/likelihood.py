"""The log-probability of a point: a lower bound, and the flow's exact value.

The bound (exercise, equation 9; Kingma et al. 2021, arXiv 2107.00630) has three terms, of which
equation 9 is the first; for a variance-exploding process in the plane

    log p(x) >= -L_T(x) - KL(q(x_1 | x) | prior) + E log p(x | x_0),

the last being -log(2 pi e sigma_0^2), with a Gaussian of the noise left at t = 0 as decoder.
With the exact denoiser and the exact prior its limit of many steps is the mean, over that noise,
of the truth's log density at sigma_0: equal to the truth where that is locally flat.

The probability flow (Song et al. 2021, arXiv 2011.13456, section 4.3) carries a point from
sigma_0 up to sigma_1; on the way its log density changes by the divergence.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int64
from torch import Tensor

from lookingglass.diffusion.denoiser import Denoiser
from lookingglass.diffusion.schedule import Schedule


@dataclass(frozen=True)
class GaussianPrior:
    """The distribution that sampling starts from: N(mean, variance), coordinates independent.

    mean and variance are numbers, or tensors that broadcast to the points' (n, 2). The exercise's
    prior is the default, N(0, I). The true marginal at t = 1 has the data's mean, and the data's
    variance plus sigma(1)^2.
    """

    mean: float | Tensor = 0.0
    variance: float | Tensor = 1.0

    def log_density(self, x: Float[Tensor, "n 2"]) -> Float[Tensor, " n"]:
        """log N(x; mean, variance), in nats."""
        variance = torch.as_tensor(self.variance, dtype=x.dtype, device=x.device)
        squares = (x - self.mean) ** 2 / variance
        return -(squares + torch.log(2 * math.pi * variance)).sum(dim=1) / 2

    def divergence(self, x: Float[Tensor, "n 2"], sigma: float) -> Float[Tensor, " n"]:
        """KL(N(x, sigma^2 I) | prior), in nats."""
        variance = torch.as_tensor(self.variance, dtype=x.dtype, device=x.device)
        ratio = sigma**2 / variance
        squares = (x - self.mean) ** 2 / variance
        return (squares + ratio - 1 - torch.log(ratio)).sum(dim=1) / 2


@dataclass(frozen=True)
class Bound:
    """A lower bound of log p(x) for each of n points, its terms apart, in nats."""

    diffusion: Float[Tensor, " n"]
    """-L_T of equation 9, at most 0."""
    prior: Float[Tensor, " n"]
    """-KL(q(x_1 | x) | prior), at most 0."""
    reconstruction: float
    """-log(2 pi e sigma_0^2), the same for all points."""
    standard_error: Float[Tensor, " n"]
    """Of `diffusion`, the only term that is drawn: from the spread of independent estimates."""

    @property
    def total(self) -> Float[Tensor, " n"]:
        """The whole bound: the sum of the three terms."""
        return self.diffusion + self.prior + self.reconstruction


STANDARD = GaussianPrior()

REPEATS = 8  # independent Sobol sequences, whose spread gives the standard error


@torch.no_grad()
def elbo(
    x: Float[Tensor, "n 2"],
    denoiser: Denoiser,
    schedule: Schedule,
    *,
    generator: torch.Generator,
    steps: int | None = None,
    draws: int = 8192,
    sobol: bool = True,
    prior: GaussianPrior = STANDARD,
    label: Int64[Tensor, " n"] | None = None,
) -> Bound:
    """The lower bound of log p(x | label).

    Args:
        x: the points.
        denoiser: a network or an exact truth.
        schedule: gives sigma and SNR over time.
        generator: for the draws of time and noise.
        steps: T of equation 9, with times 1/T, ..., 1 (below, t - dt would be negative); None for
            the limit of T to infinity, which is the tightest.
        draws: pairs of time and noise for each point, at least 2; a multiple of 8 if `sobol`. The
            standard deviation of `diffusion`, for a point of the square and its exact denoiser, is
            0.009 nats with the default (0.1 by plain Monte Carlo), and 0.06 (0.3) with 1024.
        sobol: low-discrepancy draws; False for plain Monte Carlo.
        prior: what sampling starts from.
        label: the class of each point, for a conditional denoiser.

    Raises ValueError for steps < 1 or draws that are not as above.
    """
    if (steps is not None and steps < 1) or draws < 2 or (sobol and draws % REPEATS):
        raise ValueError(
            f"steps = {steps}, draws = {draws}: must be at least 1, and at least 2 "
            f"(a multiple of {REPEATS} with sobol)"
        )
    uniform = _sobol(draws, generator) if sobol else _independent(draws, generator)
    u, eps = uniform[:, 0], _normal(uniform[:, 1:])
    if steps is None:
        t = u
        weight = schedule.sigma_dot(t) / schedule.sigma(t)  # -d SNR/dt sigma^2 / 2
    else:
        t = torch.ceil(u * steps).clamp(min=1) / steps
        # SNR grows to the left; sigma^2 turns |eps - eps_hat|^2 into equation 9's |x - x_hat|^2
        weight = (
            steps / 2 * (schedule.snr(t - 1 / steps) - schedule.snr(t)) * schedule.sigma(t) ** 2
        )
    sigma, noise, weight = (a.to(x) for a in (schedule.sigma(t), eps, weight))

    terms = torch.empty(len(x), draws, dtype=x.dtype, device=x.device)
    for i, point in enumerate(x):
        x_t = point + sigma[:, None] * noise
        of_point = None if label is None else label[i].expand(draws)
        terms[i] = -weight * (denoiser(x_t, sigma, of_point) - noise).square().sum(dim=1)
    # what is independent: each part of a Sobol sequence as a whole, or each single draw
    independent = terms.unflatten(1, (REPEATS, -1)).mean(dim=2) if sobol else terms
    ends = schedule.sigma(torch.tensor([0.0, 1.0], dtype=torch.float64)).tolist()
    return Bound(
        diffusion=terms.mean(dim=1),
        prior=-prior.divergence(x, ends[1]),
        reconstruction=-math.log(2 * math.pi * math.e * ends[0] ** 2),
        standard_error=independent.std(dim=1) / math.sqrt(independent.shape[1]),
    )


def flow_log_density(
    x: Float[Tensor, "n 2"],
    denoiser: Denoiser,
    schedule: Schedule,
    *,
    steps: int = 100,
    log_prior: Callable[[Tensor], Tensor] = STANDARD.log_density,
    label: Int64[Tensor, " n"] | None = None,
) -> Float[Tensor, " n"]:
    """log p(x | label; sigma_0) of what the probability-flow ODE samples, in nats.

    dx/dsigma = eps, so d log p / dsigma = -div eps along the path, integrated from sigma_0 to
    sigma_1 with `steps` Runge-Kutta steps (4 evaluations each) of equal length in log sigma. The
    divergence is exact, by backpropagation, so the denoiser has to be differentiable along the path
    (beware sign(x) at 0). `log_prior` is the log density that sampling starts from, (n, 2) to (n,).
    """
    ends = torch.log(schedule.sigma(torch.tensor([0.0, 1.0], dtype=torch.float64))).tolist()
    step = (ends[1] - ends[0]) / steps

    def slope(x: Tensor, log_sigma: float) -> tuple[Tensor, Tensor]:
        """dx and d log p for one unit of log sigma."""
        sigma = math.exp(log_sigma)
        with torch.enable_grad():
            x = x.detach().requires_grad_()
            eps = denoiser(x, sigma, label)
            divergence = torch.zeros(len(x), dtype=x.dtype, device=x.device)
            for axis in (0, 1):
                (gradient,) = torch.autograd.grad(eps[:, axis].sum(), x, retain_graph=axis == 0)
                divergence = divergence + gradient[:, axis]
        return sigma * eps.detach(), sigma * divergence

    gained = torch.zeros(len(x), dtype=x.dtype, device=x.device)
    for i in range(steps):
        s = ends[0] + i * step
        dx_1, dp_1 = slope(x, s)
        dx_2, dp_2 = slope(x + step / 2 * dx_1, s + step / 2)
        dx_3, dp_3 = slope(x + step / 2 * dx_2, s + step / 2)
        dx_4, dp_4 = slope(x + step * dx_3, s + step)
        x = x + step / 6 * (dx_1 + 2 * dx_2 + 2 * dx_3 + dx_4)
        gained = gained + step / 6 * (dp_1 + 2 * dp_2 + 2 * dp_3 + dp_4)
    return log_prior(x) + gained


def _sobol(draws: int, generator: torch.Generator) -> Tensor:
    """(draws, 3) in (0, 1), in REPEATS parts that are each spread evenly."""
    parts = []
    for seed in torch.randint(2**31, (REPEATS,), generator=generator).tolist():
        engine = torch.quasirandom.SobolEngine(3, scramble=True, seed=seed)
        parts.append(engine.draw(draws // REPEATS, dtype=torch.float64))
    return torch.cat(parts).clamp(1e-9, 1 - 1e-9)  # scrambled, it may still reach 0


def _independent(draws: int, generator: torch.Generator) -> Tensor:
    return torch.rand(draws, 3, generator=generator, dtype=torch.float64).clamp(1e-9, 1 - 1e-9)


def _normal(uniform: Tensor) -> Tensor:
    """Standard normal, from uniform, by the inverse distribution function."""
    return math.sqrt(2) * torch.erfinv(2 * uniform - 1)
