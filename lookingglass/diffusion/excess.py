"""Excess loss: how much worse than the exact denoiser a denoiser is.

The loss E |D - eps|^2 cannot reach 0, because no denoiser can tell the noise from the data. With
the exact denoiser eps* it is the irreducible (Bayes) loss E |eps* - eps|^2 plus the excess loss
E |D - eps*|^2.
"""

import torch
from jaxtyping import Float, Int64
from torch import Tensor

from lookingglass.diffusion.denoiser import Denoiser
from lookingglass.diffusion.schedule import Schedule
from lookingglass.diffusion.truth import PointCloud, UniformBox


def mean_loss_and_excess(
    denoiser: Denoiser,
    truth: UniformBox | PointCloud,
    schedule: Schedule,
    *,
    draws: int,
    generator: torch.Generator,
) -> tuple[float, float]:
    """`loss_and_excess` over newly drawn points of the truth and times t ~ U(0, 1)."""
    x_0 = truth.sample(draws, generator)
    sigma = schedule.sigma(torch.rand(draws, generator=generator))
    return loss_and_excess(denoiser, truth, x_0, sigma, generator=generator)


@torch.no_grad()
def loss_and_excess(
    denoiser: Denoiser,
    truth: UniformBox | PointCloud,
    x_0: Float[Tensor, "n 2"],
    sigma: Float[Tensor, " n"],
    *,
    generator: torch.Generator,
    label: Int64[Tensor, " n"] | None = None,
) -> tuple[float, float]:
    """The exercise's loss (section 2.1.2, step 4) and the excess loss in it, per dimension.

    x_0 are points of the truth, the data of class `label` where there are classes, and `generator`
    draws the noise. Over t ~ U(0, 1), with 200,000 points, the loss is accurate to about 2e-3. The
    excess loss does not depend on eps given x_t and is accurate to one per cent.
    """
    eps = torch.randn(len(x_0), 2, generator=generator)
    x_t = x_0 + sigma[:, None] * eps
    predicted = denoiser(x_t, sigma, label)
    excess = (predicted - truth.denoiser(x_t, sigma)).square().mean()
    return float((predicted - eps).square().mean()), float(excess)


@torch.no_grad()
def excess_by_sigma(
    denoiser: Denoiser,
    truth: UniformBox | PointCloud,
    sigmas: Float[Tensor, " levels"],
    *,
    draws: int,
    generator: torch.Generator,
) -> list[float]:
    """The excess loss at each noise level, per dimension; all share the same points and noise."""
    x_0 = truth.sample(draws, generator)
    eps = torch.randn(draws, 2, generator=generator)
    curve = []
    for sigma in sigmas.tolist():
        x_t = x_0 + sigma * eps
        curve.append(float((denoiser(x_t, sigma) - truth.denoiser(x_t, sigma)).square().mean()))
    return curve
