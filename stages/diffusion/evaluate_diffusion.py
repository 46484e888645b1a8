"""How far the trained denoiser is from the exact one (exercise 2.2.2, unconditional, question 2).

The loss never nears 0, because nobody can tell the noise from the data. What a model can be
blamed for is the excess over the exact denoiser's loss: E |eps - eps*|^2, per dimension.
"""

from typing import Annotated

import torch
from pydantic import Field

from lookingglass.artifacts import write_metrics
from lookingglass.diffusion.truth import SQUARE
from lookingglass.diffusion.weights import load_denoiser
from lookingglass.params import Section, Seed, load
from stages.entry import run


class Params(Section):
    seed: Seed
    draws: Annotated[int, Field(ge=1, le=10_000_000)]


def main() -> None:
    params = load("evaluate_diffusion", Params)
    torch.set_num_threads(1)
    denoiser = load_denoiser("models/diffusion.safetensors")
    schedule = denoiser.schedule

    # fresh draws, not the training points
    generator = torch.Generator().manual_seed(params.seed)
    x_0 = SQUARE.sample(params.draws, generator)
    t = torch.rand(params.draws, generator=generator)
    eps = torch.randn(params.draws, 2, generator=generator)
    sigma = schedule.sigma(t)
    x_t = x_0 + sigma[:, None] * eps

    predicted = denoiser(x_t, sigma)
    metrics = {
        "loss": float((predicted - eps).square().mean()),
        "bayes_loss": SQUARE.bayes_loss(schedule),
        "excess_loss": float((predicted - SQUARE.denoiser(x_t, sigma)).square().mean()),
    }
    write_metrics("metrics/evaluate_diffusion.json", metrics)
    print(
        f"excess loss {metrics['excess_loss']:.2e} over the irreducible "
        f"{metrics['bayes_loss']:.6f} per dimension"
    )


if __name__ == "__main__":
    run(main)
