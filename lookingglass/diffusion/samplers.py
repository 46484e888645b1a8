"""Sampling: the probability-flow ODE from noise to data (exercise, section 2.1.3).

Equation 7 with the score -eps / sigma reads dx = sigma_dot eps dt, or dx = eps dsigma. A solver
is a generator with one signature, (denoiser, schedule, x, times, label), that yields the state
at each of `times`; x is given at times[0], and the first state is x itself.

Sources: DDIM is Song, Meng and Ermon 2020 (arXiv 2010.02502); Heun's steps are algorithm 1 of
Karras et al. 2022 (arXiv 2206.00364).
"""

from collections import deque
from collections.abc import Callable, Iterator

import torch
from jaxtyping import Float, Int64
from torch import Tensor

from lookingglass.diffusion.denoiser import Denoiser
from lookingglass.diffusion.schedule import Schedule

States = Iterator[Tensor]
Solver = Callable[[Denoiser, Schedule, Tensor, Tensor, Tensor | None], States]


def uniform_times(steps: int) -> Float[Tensor, " times"]:
    """1, 1 - 1/T, ..., 0 for T = steps: the times of Algorithm 1."""
    return torch.linspace(1, 0, steps + 1, dtype=torch.float64)


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


SOLVERS: dict[str, Solver] = {"euler": euler, "ddim": ddim, "heun": heun}


def flow(
    denoiser: Denoiser,
    schedule: Schedule,
    z: Float[Tensor, "n 2"],
    *,
    times: Float[Tensor, " times"],
    solver: str = "euler",
    label: Int64[Tensor, " n"] | None = None,
    final_denoise: bool = False,
) -> Iterator[Tensor]:
    """Follow the flow from z, the noise at times[0], to times[-1]; yield the state at each time.

    Args:
        denoiser: a network or an exact truth.
        schedule: gives sigma at each time.
        z: the input noise; Algorithm 1 draws it from N(0, I).
        times: at least two, in [0, 1], falling. `uniform_times(T)` for the exercise's T steps.
        solver: "euler", "ddim" or "heun".
        label: the class of each point, for a conditional denoiser.
        final_denoise: end with x - sigma eps (equation 8), which takes away the noise that is
            left at times[-1].

    Algorithm 1's loop runs for t = 1, ..., 0 inclusive, so its update is made once more at the
    end, and "euler" does the same: T + 1 evaluations. With T = 1000 this moves a point by less
    than 1e-4. final_denoise takes its place. Either way it is the last state that moves.

    Raises ValueError for an unknown solver or times that are not as above.
    """
    if solver not in SOLVERS:
        raise ValueError(f"solver = {solver!r}: must be one of {', '.join(SOLVERS)}")
    if len(times) < 2 or times[0] > 1 or times[-1] < 0 or not (times.diff() < 0).all():
        raise ValueError("times must be at least two, in [0, 1] and falling")
    states = SOLVERS[solver](denoiser, schedule, z, times, label)
    x = next(states)
    for following in states:
        yield x
        x = following
    if final_denoise or solver == "euler":
        sigma = schedule.sigma(times[-1])
        dt = times[-1] - times[-2]
        step = -sigma if final_denoise else schedule.sigma_dot(times[-1]) * dt
        x = x + float(step) * denoiser(x, float(sigma), label)
    yield x


@torch.no_grad()
def sample(
    denoiser: Denoiser,
    schedule: Schedule,
    z: Float[Tensor, "n 2"],
    *,
    times: Float[Tensor, " times"],
    solver: str = "euler",
    label: Int64[Tensor, " n"] | None = None,
    final_denoise: bool = False,
    trajectory: bool = False,
) -> Float[Tensor, "n 2"] | Float[Tensor, "times n 2"]:
    """Where the flow ends, or with `trajectory` the state at every time; see `flow`."""
    states = flow(
        denoiser, schedule, z, times=times, solver=solver, label=label, final_denoise=final_denoise
    )
    if trajectory:
        return torch.stack(list(states))
    return deque(states, maxlen=1).pop()
