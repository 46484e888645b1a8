"""The log-probability of a point: the evidence lower bound, and the flow's exact value.

The full ELBO (Kingma et al. 2021, arXiv 2107.00630) has three terms, of which the exercise's
equation 9 is the first. For a variance-exploding process in the plane

    log p(x) >= -L_T(x) - KL(q(x_1 | x) | prior) + E log p(x | x_0),

where the decoder p(x | x_0) is a Gaussian with the noise left at t = 0, so the last term is
-log(2 pi e sigma_0^2). With the exact denoiser and prior, the continuous-time limit is the truth's
log density at sigma_0 averaged over that noise: equal to the truth where that is locally flat.

The probability flow (Song et al. 2021, arXiv 2011.13456, section 4.3) moves a point from sigma_0 up
to sigma_1; along the trajectory its log density changes by the divergence.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import torch
from jaxtyping import Float, Int64
from torch import Tensor

from lookingglass.diffusion.denoiser import Denoiser
from lookingglass.diffusion.prior import STANDARD, GaussianPrior
from lookingglass.diffusion.schedule import Schedule
from lookingglass.diffusion.solvers import rk4_step

REPEATS = 8  # independent Sobol sequences, whose spread gives the standard error


@dataclass(frozen=True)
class ELBO:
    """The evidence lower bound of log p(x) for each of n points, term by term, in nats."""

    diffusion: Float[Tensor, " n"]
    """-L_T of equation 9, at most 0."""
    prior: Float[Tensor, " n"]
    """-KL(q(x_1 | x) | prior), at most 0."""
    reconstruction: float
    """-log(2 pi e sigma_0^2), the same for all points."""
    standard_error: Float[Tensor, " n"]
    """Of `diffusion`, the only Monte Carlo term: from the spread of independent estimates."""

    @property
    def total(self) -> Float[Tensor, " n"]:
        """The full ELBO: the sum of the three terms."""
        return self.diffusion + self.prior + self.reconstruction


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
) -> ELBO:
    """The evidence lower bound of log p(x | label).

    Args:
        x: the points.
        denoiser: a network or an exact truth.
        schedule: gives sigma and SNR over time.
        generator: for the draws of time and noise.
        steps: T of equation 9, with times 1/T, ..., 1 (below, t - dt would be negative); None for
            the continuous-time limit, which is the tightest.
        draws: (time, noise) pairs for each point, at least 2; a multiple of 8 if `sobol`. The
            standard deviation of `diffusion`, for a point of the square and its exact denoiser, is
            0.009 nats with the default (0.1 by plain Monte Carlo), and 0.06 (0.3) with 1024.
        sobol: low-discrepancy draws; False for plain Monte Carlo.
        prior: what sampling starts from.
        label: the class of each point, for a conditional denoiser.

    Raises ValueError for draws that cannot be split into 8 Sobol sequences.
    """
    if sobol and draws % REPEATS:
        raise ValueError(f"draws = {draws}: must be a multiple of {REPEATS} with sobol")
    uniform = _sobol(draws, generator) if sobol else _independent(draws, generator)
    u, eps = uniform[:, 0], _normal(uniform[:, 1:])
    if steps is None:
        t = u
        weight = schedule.sigma_dot(t) / schedule.sigma(t)  # -d SNR/dt sigma^2 / 2
    else:
        t = torch.ceil(u * steps).clamp(min=1) / steps
        snr_difference = schedule.snr(t - 1 / steps) - schedule.snr(t)
        # sigma^2 turns |eps - eps_hat|^2 into equation 9's |x - x_hat|^2
        weight = steps / 2 * snr_difference * schedule.sigma(t) ** 2
    sigma, eps, weight = (a.to(x) for a in (schedule.sigma(t), eps, weight))

    terms = torch.empty(len(x), draws, dtype=x.dtype, device=x.device)
    for i, point in enumerate(x):
        x_t = point + sigma[:, None] * eps
        label_i = None if label is None else label[i].expand(draws)
        terms[i] = -weight * (denoiser(x_t, sigma, label_i) - eps).square().sum(dim=1)
    # the independent estimates: a Sobol sequence as a whole, or a single draw
    independent = terms.unflatten(1, (REPEATS, -1)).mean(dim=2) if sobol else terms
    return ELBO(
        diffusion=terms.mean(dim=1),
        prior=-prior.kl_from(x, schedule.sigma_max),
        reconstruction=-math.log(2 * math.pi * math.e * schedule.sigma_min**2),
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

    dx/dsigma = eps, so d log p / dsigma = -div eps along the trajectory, integrated from sigma_0 to
    sigma_1 with `steps` Runge-Kutta steps (4 evaluations each) of equal length in log sigma. The
    divergence is exact, by backpropagation, so the denoiser has to be differentiable along the
    trajectory (beware sign(x) at 0). `log_prior` is the log density that sampling starts from,
    (n, 2) to (n,).
    """

    def slope(state: Tensor, log_sigma: float) -> Tensor:
        """d(x, -log p) / d log sigma = sigma (eps, div eps), (n, 3)."""
        sigma = math.exp(log_sigma)
        with torch.enable_grad():
            x = state[:, :2].detach().requires_grad_()
            eps = denoiser(x, sigma, label)
            divergence = torch.zeros(len(x), dtype=x.dtype, device=x.device)
            for axis in (0, 1):
                (gradient,) = torch.autograd.grad(eps[:, axis].sum(), x, retain_graph=axis == 0)
                divergence = divergence + gradient[:, axis]
        return sigma * torch.cat([eps.detach(), divergence[:, None]], dim=1)

    log_ends = math.log(schedule.sigma_min), math.log(schedule.sigma_max)
    levels = torch.linspace(*log_ends, steps + 1, dtype=torch.float64).tolist()
    state = torch.cat([x, x.new_zeros(len(x), 1)], dim=1)
    for log_sigma, log_sigma_next in pairwise(levels):
        state = rk4_step(slope, state, log_sigma, log_sigma_next)
    return log_prior(state[:, :2]) + state[:, 2]


def _sobol(draws: int, generator: torch.Generator) -> Tensor:
    """(draws, 3) in (0, 1): REPEATS Sobol sequences one after the other."""
    parts = []
    for seed in torch.randint(2**31, (REPEATS,), generator=generator).tolist():
        engine = torch.quasirandom.SobolEngine(3, scramble=True, seed=seed)
        parts.append(engine.draw(draws // REPEATS, dtype=torch.float64))
    return torch.cat(parts).clamp(1e-9, 1 - 1e-9)  # a scrambled sequence may still reach 0


def _independent(draws: int, generator: torch.Generator) -> Tensor:
    return torch.rand(draws, 3, generator=generator, dtype=torch.float64).clamp(1e-9, 1 - 1e-9)


def _normal(uniform: Tensor) -> Tensor:
    """Standard normal, from uniform, by the inverse distribution function."""
    return math.sqrt(2) * torch.erfinv(2 * uniform - 1)
