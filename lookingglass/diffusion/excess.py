"""How much worse than the exact denoiser: the part of the loss that a model can be blamed for.

The loss E |D - eps|^2 never nears 0, because nobody can tell the noise from the data. With eps*
the exact denoiser it is the irreducible E |eps* - eps|^2 plus the excess E |D - eps*|^2.
"""

import torch
from jaxtyping import Float

from lookingglass.diffusion.denoiser import Denoiser
from lookingglass.diffusion.schedule import Schedule
from lookingglass.diffusion.truth import PointCloud, UniformBox


@torch.no_grad()
def loss_and_excess(
    denoiser: Denoiser,
    truth: UniformBox | PointCloud,
    schedule: Schedule,
    *,
    draws: int,
    generator: torch.Generator,
) -> tuple[float, float]:
    """The exercise's loss (section 2.1.2, step 4) and the excess in it, per dimension.

    By Monte Carlo over fresh points, times uniform in [0, 1] and noise. With 200,000 draws the
    loss is good to about 2e-3, and the excess, which does not see the noise, to one per cent.
    """
    x_0 = truth.sample(draws, generator)
    t = torch.rand(draws, generator=generator)
    eps = torch.randn(draws, 2, generator=generator)
    sigma = schedule.sigma(t)
    x_t = x_0 + sigma[:, None] * eps
    predicted = denoiser(x_t, sigma)
    excess = (predicted - truth.denoiser(x_t, sigma)).square().mean()
    return float((predicted - eps).square().mean()), float(excess)


@torch.no_grad()
def excess_by_sigma(
    denoiser: Denoiser,
    truth: UniformBox | PointCloud,
    sigmas: Float[torch.Tensor, " levels"],
    *,
    draws: int,
    generator: torch.Generator,
) -> list[float]:
    """The excess at each noise level, per dimension; the same points and noise at every level."""
    x_0 = truth.sample(draws, generator)
    eps = torch.randn(draws, 2, generator=generator)
    curve = []
    for sigma in sigmas.tolist():
        x = x_0 + sigma * eps
        curve.append(float((denoiser(x, sigma) - truth.denoiser(x, sigma)).square().mean()))
    return curve
