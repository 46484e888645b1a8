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
from lookingglass.diffusion.weights import load_denoiser


class Params(Section):
    seed: Seed
    draws: Count
    levels: Annotated[int, Field(ge=2, le=1000)]
    level_draws: Count


def main() -> None:
    params, truth = load("evaluate_plain", Params), load_truth()
    torch.set_num_threads(1)
    denoiser = load_denoiser("models/plain.safetensors")

    generator = torch.Generator().manual_seed(params.seed)
    loss, excess = mean_loss_and_excess(
        denoiser, truth, denoiser.schedule, draws=params.draws, generator=generator
    )
    sigmas = denoiser.schedule.sigma(uniform_times(params.levels - 1))
    curve = excess_by_sigma(denoiser, truth, sigmas, draws=params.level_draws, generator=generator)

    metrics = {"loss": loss, "excess_loss": excess}
    write_metrics("metrics/details/evaluate_plain.json", metrics)
    write_headline("metrics/evaluate_plain.json", metrics, "excess_loss")
    table = pd.DataFrame({"sigma": sigmas.tolist(), "network": curve})
    write_frame("plots/evaluate_plain.csv", table)
    print(f"excess loss {excess:.2e} per dimension")


if __name__ == "__main__":
    run(main)
