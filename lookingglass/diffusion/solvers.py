"""Solvers of the probability-flow ODE (exercise, equation 7).

With the score -eps / sigma equation 7 reads dx = sigma_dot eps dt, or dx = eps dsigma. A solver
is a generator with one signature, (denoiser, schedule, x, times, label), that yields the state
at each of `times`; x is given at times[0], and the first state is x itself.

Sources: DDIM is Song, Meng and Ermon 2020 (arXiv 2010.02502); Heun's steps are algorithm 1 of
Karras et al. 2022 (arXiv 2206.00364); DPM-Solver++(2M) is algorithm 2 of Lu et al. 2022
(arXiv 2211.01095); rk4 is Kutta's classical method.
"""

import math
from collections.abc import Callable, Iterator
from itertools import pairwise

from torch import Tensor

from lookingglass.diffusion.denoiser import Denoiser
from lookingglass.diffusion.schedule import Schedule

States = Iterator[Tensor]
Solver = Callable[[Denoiser, Schedule, Tensor, Tensor, Tensor | None], States]


def euler(
    denoiser: Denoiser, schedule: Schedule, x: Tensor, times: Tensor, label: Tensor | None
) -> States:
    """Euler steps in t, the update of Algorithm 1. One evaluation a step."""
    yield x
    sigmas, slopes = schedule.sigma(times).tolist(), schedule.sigma_dot(times).tolist()
    for sigma, slope, dt in zip(sigmas, slopes, times.diff().tolist(), strict=False):
        x = x + slope * dt * denoiser(x, sigma, label)
        yield x


def ddim(
    denoiser: Denoiser, schedule: Schedule, x: Tensor, times: Tensor, label: Tensor | None
) -> States:
    """Euler steps in sigma, exact where eps is constant (DDIM). One evaluation a step."""
    yield x
    sigmas = schedule.sigma(times)
    for sigma, d_sigma in zip(sigmas.tolist(), sigmas.diff().tolist(), strict=False):
        x = x + d_sigma * denoiser(x, sigma, label)
        yield x


def heun(
    denoiser: Denoiser, schedule: Schedule, x: Tensor, times: Tensor, label: Tensor | None
) -> States:
    """Heun's second-order steps in sigma (Karras et al. 2022). Two evaluations a step."""
    yield x
    sigmas = schedule.sigma(times)
    levels = sigmas.tolist()
    for sigma, next_sigma, d_sigma in zip(levels, levels[1:], sigmas.diff().tolist(), strict=False):
        eps = denoiser(x, sigma, label)
        next_eps = denoiser(x + d_sigma * eps, next_sigma, label)
        x = x + d_sigma * (eps + next_eps) / 2
        yield x


def dpmpp_2m(
    denoiser: Denoiser, schedule: Schedule, x: Tensor, times: Tensor, label: Tensor | None
) -> States:
    """Second-order steps in log sigma with one evaluation each: DPM-Solver++(2M).

    The ODE for x is linear but for the denoised point x_0(x, sigma). Its linear part is solved
    exactly, and x_0 is extrapolated along log sigma from this step and the one before; the first
    step, which has none before it, is ddim's.
    """
    yield x
    levels = schedule.sigma(times).tolist()
    before, step_before = None, math.nan
    for sigma, next_sigma in pairwise(levels):
        denoised = x - sigma * denoiser(x, sigma, label)  # equation 8
        step = math.log(sigma / next_sigma)
        target = denoised
        if before is not None:
            target = denoised + (denoised - before) * (step / step_before / 2)
        ratio = next_sigma / sigma
        x = ratio * x + (1 - ratio) * target
        before, step_before = denoised, step
        yield x


def rk4(
    denoiser: Denoiser, schedule: Schedule, x: Tensor, times: Tensor, label: Tensor | None
) -> States:
    """The classical fourth-order Runge-Kutta steps in sigma. Four evaluations a step."""
    yield x
    levels = schedule.sigma(times).tolist()
    for sigma, next_sigma in pairwise(levels):
        step, middle = next_sigma - sigma, (sigma + next_sigma) / 2
        first = denoiser(x, sigma, label)
        second = denoiser(x + step / 2 * first, middle, label)
        third = denoiser(x + step / 2 * second, middle, label)
        fourth = denoiser(x + step * third, next_sigma, label)
        x = x + step / 6 * (first + 2 * second + 2 * third + fourth)
        yield x


SOLVERS: dict[str, Solver] = {
    "euler": euler,
    "ddim": ddim,
    "heun": heun,
    "dpmpp_2m": dpmpp_2m,
    "rk4": rk4,
}
EVALUATIONS = {"euler": 1, "ddim": 1, "heun": 2, "dpmpp_2m": 1, "rk4": 4}
"""Evaluations of the denoiser in each step."""
