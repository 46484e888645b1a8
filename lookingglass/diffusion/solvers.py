"""Solvers of the probability-flow ODE (exercise, equation 7).

With the score -eps / sigma, equation 7 reads dx = sigma_dot eps dt, or dx = eps dsigma. Solvers
share one signature, (denoiser, schedule, x, times, label): each is a generator that takes x, the
state at times[0], and yields the state at each of `times`, x itself first.

Sources: DDIM is Song, Meng and Ermon 2020 (arXiv 2010.02502); Heun's steps are algorithm 1 of
Karras et al. 2022 (arXiv 2206.00364); DPM-Solver++(2M) is algorithm 2 of Lu et al. 2022
(arXiv 2211.01095).
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
    """Euler steps in t, the update of Algorithm 1. One evaluation per step."""
    yield x
    sigmas, sigma_dots = schedule.sigma(times).tolist(), schedule.sigma_dot(times).tolist()
    for sigma, sigma_dot, dt in zip(sigmas, sigma_dots, times.diff().tolist(), strict=False):
        x = x + sigma_dot * dt * denoiser(x, sigma, label)
        yield x


def ddim(
    denoiser: Denoiser, schedule: Schedule, x: Tensor, times: Tensor, label: Tensor | None
) -> States:
    """Euler steps in sigma, exact where eps is constant (DDIM). One evaluation per step."""
    yield x
    for sigma_cur, sigma_next in pairwise(schedule.sigma(times).tolist()):
        eps = denoiser(x, sigma_cur, label)
        x = x + (sigma_next - sigma_cur) * eps
        yield x


def heun(
    denoiser: Denoiser, schedule: Schedule, x: Tensor, times: Tensor, label: Tensor | None
) -> States:
    """Heun's second-order steps in sigma. Two evaluations per step."""
    yield x
    for sigma_cur, sigma_next in pairwise(schedule.sigma(times).tolist()):
        dsigma = sigma_next - sigma_cur
        # Euler step
        eps_cur = denoiser(x, sigma_cur, label)
        x_next = x + dsigma * eps_cur
        # 2nd-order correction
        eps_next = denoiser(x_next, sigma_next, label)
        x = x + dsigma * (eps_cur + eps_next) / 2
        yield x


def dpmpp_2m(
    denoiser: Denoiser, schedule: Schedule, x: Tensor, times: Tensor, label: Tensor | None
) -> States:
    """Second-order steps in log sigma, DPM-Solver++(2M). One evaluation per step.

    The ODE is linear in x but for the denoised point x_0(x, sigma). Its linear part is solved
    exactly, and x_0 is extrapolated in log sigma from this step and the last one. The first step
    has none before it and is DDIM's.
    """
    yield x
    x_0_last, h_last = None, math.nan
    for sigma_cur, sigma_next in pairwise(schedule.sigma(times).tolist()):
        x_0 = x - sigma_cur * denoiser(x, sigma_cur, label)  # equation 8
        h = math.log(sigma_cur / sigma_next)
        target = x_0
        if x_0_last is not None:
            target = x_0 + (x_0 - x_0_last) * (h / h_last / 2)  # 2nd-order correction
        ratio = sigma_next / sigma_cur
        x = ratio * x + (1 - ratio) * target
        x_0_last, h_last = x_0, h
        yield x


def rk4(
    denoiser: Denoiser, schedule: Schedule, x: Tensor, times: Tensor, label: Tensor | None
) -> States:
    """The classical fourth-order Runge-Kutta steps in sigma. Four evaluations per step."""
    yield x
    for sigma_cur, sigma_next in pairwise(schedule.sigma(times).tolist()):
        x = rk4_step(lambda x, sigma: denoiser(x, sigma, label), x, sigma_cur, sigma_next)
        yield x


def rk4_step(
    slope: Callable[[Tensor, float], Tensor], x: Tensor, s_cur: float, s_next: float
) -> Tensor:
    """One Runge-Kutta step of dx/ds = slope(x, s) from s_cur to s_next (Kutta 1901)."""
    h, s_mid = s_next - s_cur, (s_cur + s_next) / 2
    k1 = slope(x, s_cur)
    k2 = slope(x + h / 2 * k1, s_mid)
    k3 = slope(x + h / 2 * k2, s_mid)
    k4 = slope(x + h * k3, s_next)
    return x + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)


SOLVERS: dict[str, Solver] = {
    "euler": euler,
    "ddim": ddim,
    "heun": heun,
    "dpmpp_2m": dpmpp_2m,
    "rk4": rk4,
}
NFE = {"euler": 1, "ddim": 1, "heun": 2, "dpmpp_2m": 1, "rk4": 4}
"""Number of function evaluations (calls of the denoiser) per step."""
