"""How far the exercise's recommended recipe is from the exact denoiser (see evaluate_diffusion)."""

from typing import Annotated

import pandas as pd
import torch
from pydantic import Field

from lab.core.artifacts import write_metrics
from lab.core.entry import run
from lab.core.headline import write_headline
from lab.core.params import Count, Section, Seed, load
from lab.data.ground_truth import load_truth
from lab.data.tables import write_frame
from lookingglass.diffusion.excess import excess_by_sigma, mean_loss_and_excess
from lookingglass.diffusion.samplers import uniform_times
from lookingglass.diffusion.truth import PointCloud, UniformBox
from lookingglass.diffusion.weights import Network, load_denoiser


class Params(Section):
    seed: Seed
    draws: Count
    levels: Annotated[int, Field(ge=2, le=1000)]
    level_draws: Count


def evaluate(
    denoiser: Network, truth: UniformBox | PointCloud, params: Params
) -> tuple[dict[str, float], pd.DataFrame]:
    """The loss and the excess loss, per dimension, and the excess loss by noise level."""
    generator = torch.Generator().manual_seed(params.seed)
    loss, excess = mean_loss_and_excess(
        denoiser, truth, denoiser.schedule, draws=params.draws, generator=generator
    )
    sigmas = denoiser.schedule.sigma(uniform_times(params.levels - 1))
    curve = excess_by_sigma(denoiser, truth, sigmas, draws=params.level_draws, generator=generator)
    table = pd.DataFrame({"sigma": sigmas.tolist(), "network": curve})
    return {"loss": loss, "excess_loss": excess}, table


def main() -> None:
    params, truth = load("evaluate_plain", Params), load_truth()
    torch.set_num_threads(1)
    denoiser = load_denoiser("models/plain.safetensors")

    metrics, table = evaluate(denoiser, truth, params)

    write_metrics("metrics/details/evaluate_plain.json", metrics)
    write_headline("metrics/evaluate_plain.json", metrics, "excess_loss")
    write_frame("plots/evaluate_plain.csv", table)
    print(f"excess loss {metrics['excess_loss']:.2e} per dimension")


if __name__ == "__main__":
    run(main)
