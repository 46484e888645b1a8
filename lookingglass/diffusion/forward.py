"""The forward process: from data to noise, step by step or at once (exercise, section 2.1.1)."""

import torch
from jaxtyping import Float
from torch import Tensor

from lookingglass.diffusion.schedule import Schedule


def marginal(
    x_0: Float[Tensor, "n 2"],
    schedule: Schedule,
    times: Float[Tensor, " times"],
    generator: torch.Generator,
) -> Float[Tensor, "times n 2"]:
    """x_t at once, x_0 + sigma(t) eps (equation 4, with sigma for its misprinted sigma^2).

    Each time has its own noise: the marginal distribution at each t is that of `simulate`, but the
    trajectory is not.
    """
    eps = torch.randn(len(times), *x_0.shape, generator=generator, dtype=x_0.dtype)
    return x_0 + schedule.sigma(times).to(x_0.dtype)[:, None, None] * eps


def simulate(
    x_0: Float[Tensor, "n 2"],
    schedule: Schedule,
    times: Float[Tensor, " times"],
    generator: torch.Generator,
) -> Float[Tensor, "times n 2"]:
    """x_t step by step, dx = g(t) dW (equation 1 with S = 1, hence f = 0), at each of `times`.

    The variance grows by g^2 dt = d(sigma^2), so from one time to the next it grows by the
    difference of sigma^2. With increments of that variance the states have the SDE's exact joint
    distribution for any number of steps; with Euler-Maruyama's g^2 dt they would not. The first
    state already has noise sigma(times[0]), as in equation 4.

    Raises ValueError unless times are in [0, 1] and rising.
    """
    if not (times[0] >= 0 and times[-1] <= 1 and (times.diff() > 0).all()):
        raise ValueError("times must be in [0, 1] and rising")
    variance = schedule.sigma(times) ** 2
    scales = variance.diff(prepend=variance.new_zeros(1)).sqrt()
    steps = torch.randn(len(times), *x_0.shape, generator=generator, dtype=x_0.dtype)
    return x_0 + (scales.to(x_0.dtype)[:, None, None] * steps).cumsum(dim=0)
