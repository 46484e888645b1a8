"""How far the trained denoiser is from the exact one (exercise 2.2.2, unconditional, question 2).

The loss never nears 0, because nobody can tell the noise from the data. What a model can be
blamed for is the excess over the exact denoiser's loss: E |eps - eps*|^2, per dimension.

The exact denoiser of the training points themselves, what a network that fits them perfectly
would be, has an excess of its own, for they are not the square. What the network has beside
that is its own; where it has less, it generalises. Where the points are the user's, their law is
not known: the truth is then the points themselves.
"""

from typing import Annotated

import torch
from pydantic import Field

from lab.core.artifacts import read_arrays, write_metrics, write_table
from lab.core.entry import run
from lab.core.headline import headline
from lab.core.params import Count, Section, Seed, load
from lab.data.origin import say_left_out
from lab.data.truth import load_truth
from lookingglass.diffusion.denoiser import Denoiser
from lookingglass.diffusion.excess import excess_by_sigma, loss_and_excess
from lookingglass.diffusion.irreducible import irreducible
from lookingglass.diffusion.samplers import uniform_times
from lookingglass.diffusion.truth import PointCloud, UniformBox
from lookingglass.diffusion.weights import load_denoiser


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
    truth, schedule = load_truth(), denoiser.schedule

    # fresh draws, not the training points
    generator = torch.Generator().manual_seed(params.seed)
    x_0 = truth.sample(params.draws, generator)
    sigma = schedule.sigma(torch.rand(params.draws, generator=generator))
    loss, excess = loss_and_excess(denoiser, truth, x_0, sigma, generator=generator)

    sigmas = schedule.sigma(uniform_times(params.levels - 1))
    compared: dict[str, Denoiser] = {"network": denoiser}
    if isinstance(truth, UniformBox):
        compared["points"] = points.denoiser
    curves = {
        name: excess_by_sigma(
            each,
            truth,
            sigmas,
            draws=params.level_draws,
            generator=torch.Generator().manual_seed(params.seed),
        )
        for name, each in compared.items()
    }
    rows = zip(sigmas.tolist(), *curves.values(), strict=True)
    write_table("plots/evaluate_diffusion.csv", ["sigma", *curves], rows)

    metrics = {
        "loss": loss,
        "bayes_loss": irreducible(truth, schedule, draws=params.draws, seed=params.seed),
        "excess_loss": excess,
        "points": len(points.points),
    }
    print(
        f"excess loss {excess:.2e} over the irreducible {metrics['bayes_loss']:.6f} per dimension"
    )
    if "points" in curves:
        # the levels are even in t, so this is the mean over t
        mean = float(torch.trapezoid(torch.tensor(curves["points"]))) / (params.levels - 1)
        metrics["points_excess"] = mean
        print(f"of a perfect fit to the points: {mean:.2e}")
    else:
        say_left_out("the excess of a perfect fit to the points")
    write_metrics("metrics/details/evaluate_diffusion.json", metrics)
    write_metrics("metrics/evaluate_diffusion.json", headline(metrics, "excess_loss"))


if __name__ == "__main__":
    run(main)
