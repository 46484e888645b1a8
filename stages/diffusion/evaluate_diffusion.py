"""How far the trained denoiser is from the exact one (exercise 2.2.2, unconditional, question 2).

The loss never gets near 0, because no denoiser can tell the noise from the data. What counts is the
excess over the exact denoiser's loss, E |eps - eps*|^2 per dimension.

The exact denoiser of the training points, what a network that memorised them would be, has an
excess loss too, because the points are only a sample of the square. Where the network has less, it
generalises. The distribution of your own points is unknown, so the points themselves are the truth.
"""

from typing import Annotated

import pandas as pd
import torch
from pydantic import Field

from lab.core.artifacts import read_arrays, write_metrics
from lab.core.entry import run
from lab.core.headline import write_headline
from lab.core.params import Count, Section, Seed, load
from lab.data.ground_truth import load_truth
from lab.data.origin import say_left_out
from lab.data.tables import write_frame
from lookingglass.diffusion.denoiser import Denoiser
from lookingglass.diffusion.excess import excess_by_sigma, mean_loss_and_excess
from lookingglass.diffusion.irreducible import irreducible
from lookingglass.diffusion.samplers import uniform_times
from lookingglass.diffusion.truth import PointCloud, UniformBox
from lookingglass.diffusion.weights import Network, load_denoiser


class Params(Section):
    seed: Seed
    draws: Count
    levels: Annotated[int, Field(ge=2, le=1000)]
    level_draws: Count


def evaluate(denoiser: Network, truth: UniformBox | PointCloud, params: Params) -> dict[str, float]:
    """The loss on newly drawn points, the irreducible loss and the excess loss, per dimension."""
    schedule, generator = denoiser.schedule, torch.Generator().manual_seed(params.seed)
    loss, excess = mean_loss_and_excess(
        denoiser, truth, schedule, draws=params.draws, generator=generator
    )
    bayes_loss = irreducible(truth, schedule, draws=params.draws, seed=params.seed)
    return {"loss": loss, "bayes_loss": bayes_loss, "excess_loss": excess}


def excess_curves(
    denoisers: dict[str, Denoiser],
    truth: UniformBox | PointCloud,
    sigmas: torch.Tensor,
    params: Params,
) -> pd.DataFrame:
    """The excess loss of each denoiser (a column) at each of `sigmas`, all on the same draws."""
    curves = {
        name: excess_by_sigma(
            denoiser,
            truth,
            sigmas,
            draws=params.level_draws,
            generator=torch.Generator().manual_seed(params.seed),
        )
        for name, denoiser in denoisers.items()
    }
    return pd.DataFrame({"sigma": sigmas.tolist(), **curves})


def main() -> None:
    params = load("evaluate_diffusion", Params)
    torch.set_num_threads(1)
    denoiser = load_denoiser("models/diffusion.safetensors")
    points = PointCloud(torch.from_numpy(read_arrays("data/points.npz")["points"]))
    truth = load_truth()

    denoisers: dict[str, Denoiser] = {"network": denoiser}
    if isinstance(truth, UniformBox):
        denoisers["points"] = points.denoiser
    metrics = evaluate(denoiser, truth, params) | {"points": len(points.points)}
    times = uniform_times(params.levels - 1)  # from the most noise to the least
    curves = excess_curves(denoisers, truth, denoiser.schedule.sigma(times), params)
    metrics["excess_at_most_noise"] = float(curves["network"][0])
    if "points" in curves:
        metrics["points_excess_at_most_noise"] = float(curves["points"][0])
        # the levels are equally spaced in t, so this is the mean over t
        integral = torch.trapezoid(torch.tensor(curves["points"].tolist()))
        metrics["points_excess"] = float(integral) / (params.levels - 1)
    else:
        say_left_out("the excess loss of memorised points")

    write_frame("plots/evaluate_diffusion.csv", curves)
    write_metrics("metrics/details/evaluate_diffusion.json", metrics)
    write_headline("metrics/evaluate_diffusion.json", metrics, "excess_loss")
    print(
        f"excess loss {metrics['excess_loss']:.2e} over the irreducible "
        f"{metrics['bayes_loss']:.6f} per dimension"
    )
    if "points_excess" in metrics:
        print(f"excess loss of memorised points {metrics['points_excess']:.2e}")


if __name__ == "__main__":
    run(main)
