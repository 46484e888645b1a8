"""Sampling: from noise to data, by the ODE of the exercise's section 2.1.3 or by a reverse SDE.

The reverse SDE with strength `noise` (Karras et al. 2022, arXiv 2206.00364, section 4) is

    dx = (1 + noise^2) eps dsigma + noise sqrt(2 sigma |dsigma|) w,   w ~ N(0, I),

which has the same marginal law at every sigma whatever the strength: 0 is the probability-flow
ODE, equation 7, and 1 the time reversal of the forward process, equation 5 with the factor 1/2
left out and noise added. A step from sigma to sigma' is taken as DDIM's with eta = noise (Song,
Meng and Ermon 2020, arXiv 2010.02502, equation 16): follow the ODE further than sigma', then
return by adding fresh noise. With an exact solver the law is kept at any step size.
"""

from collections import deque
from collections.abc import Iterator

import torch
from jaxtyping import Float, Int64
from torch import Tensor

from lookingglass.diffusion.denoiser import Denoiser
from lookingglass.diffusion.schedule import Schedule
from lookingglass.diffusion.solvers import SOLVERS, Solver, States


def uniform_times(steps: int) -> Float[Tensor, " times"]:
    """1, 1 - 1/T, ..., 0 for T = steps: the times of Algorithm 1."""
    return torch.linspace(1, 0, steps + 1, dtype=torch.float64)


def flow(
    denoiser: Denoiser,
    schedule: Schedule,
    z: Float[Tensor, "n 2"],
    *,
    times: Float[Tensor, " times"],
    solver: str = "euler",
    noise: float = 0.0,
    label: Int64[Tensor, " n"] | None = None,
    generator: torch.Generator | None = None,
    final_denoise: bool = False,
) -> Iterator[Tensor]:
    """Carry z, the noise at times[0], to times[-1]; yield the state at each time.

    Args:
        denoiser: a network or an exact truth.
        schedule: gives sigma at each time.
        z: the input noise; Algorithm 1 draws it from N(0, I).
        times: at least two, in [0, 1], falling. `uniform_times(T)` for the exercise's T steps.
        solver: "euler", "ddim", "heun", "dpmpp_2m" or "rk4"; see `solvers`.
        noise: the strength of the reverse SDE in [0, 1]: 0 is deterministic, 1 full. Above 0,
            "dpmpp_2m" is out: fresh noise breaks the line along which it extrapolates.
        label: the class of each point, for a conditional denoiser.
        generator: draws the fresh noise; needed where noise > 0.
        final_denoise: end with x - sigma eps (equation 8), which takes away the noise that is
            left at times[-1].

    Algorithm 1's loop runs for t = 1, ..., 0 inclusive, so its update is made once more at the
    end, and "euler" does the same: T + 1 evaluations. With T = 1000 this moves a point by less
    than 1e-4. final_denoise takes its place. Either way it is the last state that moves, and no
    noise is added after it.

    Raises ValueError for an unknown solver, or times or noise that are not as above.
    """
    if solver not in SOLVERS:
        raise ValueError(f"solver = {solver!r}: must be one of {', '.join(SOLVERS)}")
    if len(times) < 2 or times[0] > 1 or times[-1] < 0 or not (times.diff() < 0).all():
        raise ValueError("times must be at least two, in [0, 1] and falling")
    if not 0 <= noise <= 1:
        raise ValueError(f"noise = {noise}: must be in [0, 1]")
    if noise > 0 and (generator is None or solver == "dpmpp_2m"):
        raise ValueError(f"noise = {noise}: needs a generator, and a solver other than dpmpp_2m")
    if noise > 0 and generator is not None:
        states = _stochastic(SOLVERS[solver], denoiser, schedule, z, times, label, noise, generator)
    else:
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


def _stochastic(
    solver: Solver,
    denoiser: Denoiser,
    schedule: Schedule,
    x: Tensor,
    times: Tensor,
    label: Tensor | None,
    noise: float,
    generator: torch.Generator,
) -> States:
    """As a solver, but each step overshoots by the ODE and comes back with fresh noise."""
    yield x
    sigmas = schedule.sigma(times)
    now, following = sigmas[:-1], sigmas[1:]
    fresh = noise * following * torch.sqrt(1 - (following / now) ** 2)
    # below times[-1] in the last step, where every schedule goes on
    overshot = schedule.time_of(torch.sqrt(following**2 - fresh**2))
    for start, end, std in zip(times, overshot, fresh.tolist(), strict=False):
        *_, x = solver(denoiser, schedule, x, torch.stack((start, end)), label)
        x = x + std * torch.randn(x.shape, generator=generator, dtype=x.dtype).to(x.device)
        yield x


@torch.no_grad()
def sample(
    denoiser: Denoiser,
    schedule: Schedule,
    z: Float[Tensor, "n 2"],
    *,
    times: Float[Tensor, " times"],
    solver: str = "euler",
    noise: float = 0.0,
    label: Int64[Tensor, " n"] | None = None,
    generator: torch.Generator | None = None,
    final_denoise: bool = False,
    trajectory: bool = False,
) -> Float[Tensor, "n 2"] | Float[Tensor, "times n 2"]:
    """Where z ends, or with `trajectory` the state at every time; see `flow`."""
    states = flow(
        denoiser,
        schedule,
        z,
        times=times,
        solver=solver,
        noise=noise,
        label=label,
        generator=generator,
        final_denoise=final_denoise,
    )
    if trajectory:
        return torch.stack(list(states))
    return deque(states, maxlen=1).pop()
