"""Sampling: from noise to data, by the ODE of the exercise's section 2.1.3 or by a reverse SDE.

The reverse SDE with stochasticity eta (Karras et al. 2022, arXiv 2206.00364, section 4) is

    dx = (1 + eta^2) eps dsigma + eta sqrt(2 sigma |dsigma|) w,   w ~ N(0, I).

It has the same marginal distribution at every sigma whatever eta is: eta = 0 is the
probability-flow ODE, equation 7, and eta = 1 is the time reversal of the forward process, equation
5 without its factor 1/2 and with noise added. Steps are DDIM's (Song, Meng and Ermon 2020, arXiv
2010.02502, equation 16): follow the ODE beyond the next sigma, then add noise to come back to it.
With an exact solver this keeps the marginals at any step size.
"""

from collections import deque
from collections.abc import Iterator

import torch
from jaxtyping import Float, Int64
from torch import Tensor

from lookingglass.diffusion.denoiser import Denoiser
from lookingglass.diffusion.schedule import Schedule
from lookingglass.diffusion.solvers import SOLVERS, Solver, States


@torch.no_grad()
def algorithm_1(
    denoiser: Denoiser, schedule: Schedule, z: Float[Tensor, "n 2"], steps: int
) -> Float[Tensor, "n 2"]:
    """Algorithm 1 of the exercise, by the letter, from the input noise z with dt = -1 / steps.

    `sample` with solver "euler" does the same with fewer operations.
    """
    dt = -1 / steps
    for t in uniform_times(steps):
        sigma = schedule.sigma(t)
        eps = denoiser(z, sigma)
        x_0 = z - sigma * eps  # equation 8
        score = (x_0 - z) / sigma**2
        dz = -schedule.sigma_dot(t) * sigma * score * dt  # equation 7
        z = z + dz
    return z


def uniform_times(steps: int) -> Float[Tensor, " times"]:
    """1, 1 - 1/T, ..., 0 for T = steps: the times of Algorithm 1."""
    return torch.linspace(1, 0, steps + 1, dtype=torch.float64)


def ancestral_step(
    sigma: Float[Tensor, "*shape"], sigma_next: Float[Tensor, "*shape"], eta: float
) -> tuple[Float[Tensor, "*shape"], Float[Tensor, "*shape"]]:
    """sigma_down, to which the ODE is followed, and sigma_up, the noise that is then added.

    sigma_down^2 + sigma_up^2 = sigma_next^2, so the marginal variance is kept. With eta = 1 and
    data at one point, x at sigma_next is distributed as the forward process's given x at sigma.
    """
    sigma_up = eta * sigma_next * (1 - (sigma_next / sigma) ** 2).sqrt()
    sigma_down = (sigma_next**2 - sigma_up**2).sqrt()
    return sigma_down, sigma_up


def flow(
    denoiser: Denoiser,
    schedule: Schedule,
    z: Float[Tensor, "n 2"],
    *,
    times: Float[Tensor, " times"],
    solver: str = "euler",
    eta: float = 0.0,
    label: Int64[Tensor, " n"] | None = None,
    generator: torch.Generator | None = None,
    final_denoise: bool = False,
) -> Iterator[Tensor]:
    """Follow z, the noise at times[0], to times[-1]; yield the state at each time.

    Args:
        denoiser: a network or an exact truth.
        schedule: gives sigma at each time.
        z: the input noise; Algorithm 1 draws it from N(0, I).
        times: at least two, in [0, 1], falling. `uniform_times(T)` for the exercise's T steps.
        solver: "euler", "ddim", "heun", "dpmpp_2m" or "rk4"; see `solvers`.
        eta: the stochasticity of the reverse SDE: 0 is deterministic, 1 the reversed forward
            process. Above 0, "dpmpp_2m" is out: noise breaks the line along which it extrapolates.
        label: the class of each point, for a conditional denoiser.
        generator: draws the noise; needed if eta > 0.
        final_denoise: end with x - sigma eps (equation 8), which removes the noise that is left at
            times[-1].

    Algorithm 1's loop includes t = 0, so it updates once more at the end, and so does "euler":
    T + 1 evaluations. With T = 1000 this moves a point by less than 1e-4. final_denoise replaces
    it. Either way the last state is the one that moves, and no noise is added after that.

    Raises ValueError for times that are not as above, or an eta that needs a generator or another
    solver.
    """
    if len(times) < 2 or times[0] > 1 or times[-1] < 0 or not (times.diff() < 0).all():
        raise ValueError("times must be at least two, in [0, 1] and falling")
    if eta and (generator is None or solver == "dpmpp_2m"):
        raise ValueError(f"eta = {eta}: needs a generator, and a solver other than dpmpp_2m")
    if eta:
        states = _stochastic(SOLVERS[solver], denoiser, schedule, z, times, label, eta, generator)
    else:
        states = SOLVERS[solver](denoiser, schedule, z, times, label)
    x = next(states)
    for x_next in states:
        yield x
        x = x_next
    sigma = float(schedule.sigma(times[-1]))
    if final_denoise:
        x = x - sigma * denoiser(x, sigma, label)
    elif solver == "euler":
        dt = times[-1] - times[-2]
        x = x + float(schedule.sigma_dot(times[-1]) * dt) * denoiser(x, sigma, label)
    yield x


def _stochastic(
    solver: Solver,
    denoiser: Denoiser,
    schedule: Schedule,
    x: Tensor,
    times: Tensor,
    label: Tensor | None,
    eta: float,
    generator: torch.Generator | None,
) -> States:
    """As a solver, but each step follows the ODE to sigma_down and adds noise sigma_up."""
    yield x
    sigmas = schedule.sigma(times)
    sigma_down, sigma_up = ancestral_step(sigmas[:-1], sigmas[1:], eta)
    # in the last step this is below times[-1], perhaps below 0, where schedules are defined, too
    times_down = schedule.time_of(sigma_down)
    for t, t_down, std in zip(times, times_down, sigma_up.tolist(), strict=False):
        *_, x = solver(denoiser, schedule, x, torch.stack((t, t_down)), label)
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
    eta: float = 0.0,
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
        eta=eta,
        label=label,
        generator=generator,
        final_denoise=final_denoise,
    )
    if trajectory:
        return torch.stack(list(states))
    return deque(states, maxlen=1).pop()
