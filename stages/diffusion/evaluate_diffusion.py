"""How far the trained denoiser is from the exact one (exercise 2.2.2, unconditional, question 2).

The loss never nears 0, because nobody can tell the noise from the data. What a model can be
blamed for is the excess over the exact denoiser's loss: E |eps - eps*|^2, per dimension.

The exact denoiser of the training points themselves, what a network that fits them perfectly
would be, has an excess of its own, for they are not the square. What the network has beside
that is its own; where it has less, it generalises.
"""

from typing import Annotated

import torch
from pydantic import Field

from lookingglass.artifacts import read_arrays, write_metrics, write_table
from lookingglass.diffusion.excess import excess_by_sigma, loss_and_excess
from lookingglass.diffusion.samplers import uniform_times
from lookingglass.diffusion.truth import SQUARE, PointCloud
from lookingglass.diffusion.weights import load_denoiser
from lookingglass.params import Count, Section, Seed, load
from stages.entry import run


class Params(Section):
    seed: Seed
    draws: Count
    levels: Annotated[int, Field(ge=2, le=1000)]
    level_draws: Count


def main() -> None:
    params = load("evaluate_diffusion", Params)
    torch.set_num_threads(1)
    denoiser = load_denoiser("models/diffusion.safetensors")
    points = PointCloud(torch.from_numpy(read_arrays("data/points.npz")["points"]))
    schedule = denoiser.schedule

    # fresh draws, not the training points
    generator = torch.Generator().manual_seed(params.seed)
    loss, excess = loss_and_excess(
        denoiser, SQUARE, schedule, draws=params.draws, generator=generator
    )

    sigmas = schedule.sigma(uniform_times(params.levels - 1))
    network_curve, points_curve = (
        excess_by_sigma(
            each,
            SQUARE,
            sigmas,
            draws=params.level_draws,
            generator=torch.Generator().manual_seed(params.seed),
        )
        for each in (denoiser, points.denoiser)
    )
    rows = zip(sigmas.tolist(), network_curve, points_curve, strict=True)
    write_table("plots/evaluate_diffusion.csv", ["sigma", "network", "points"], rows)

    metrics = {
        "loss": loss,
        "bayes_loss": SQUARE.bayes_loss(schedule),
        "excess_loss": excess,
        # the levels are even in t, so this is the mean over t
        "points": len(points.points),
        "points_excess": float(torch.trapezoid(torch.tensor(points_curve))) / (params.levels - 1),
    }
    write_metrics("metrics/evaluate_diffusion.json", metrics)
    print(
        f"excess loss {excess:.2e} over the irreducible {metrics['bayes_loss']:.6f} per dimension; "
        f"of a perfect fit to the points: {metrics['points_excess']:.2e}"
    )


if __name__ == "__main__":
    run(main)
