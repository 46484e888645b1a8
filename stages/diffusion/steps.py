"""Algorithm 1 with more and fewer steps (exercise 2.2.2, unconditional, question 4).

The trained and the exact denoiser start from the same noise, so an error that both make is not the
network's. A third run, of the exact denoiser, starts from the matched prior. An Euler step in t
removes rate/T of eps throughout, although there is ever less noise to remove: few steps remove too
much, and the square shrinks. Your own points are sampled with the trained denoiser only: the exact
one, which looks at every point, would take many minutes.
"""

import math
from typing import Annotated

import pandas as pd
import torch
from pydantic import Field
from torch import Tensor

from lab.core.artifacts import write_arrays, write_metrics
from lab.core.entry import run
from lab.core.headline import write_headline
from lab.core.params import Section, Seed, load
from lab.core.progress import progress
from lab.data.ground_truth import load_truth
from lab.data.origin import say_left_out
from lab.data.tables import write_frame
from lookingglass.diffusion.denoiser import Denoiser
from lookingglass.diffusion.energy import energy_distance, null_band
from lookingglass.diffusion.samplers import sample, uniform_times
from lookingglass.diffusion.schedule import Schedule
from lookingglass.diffusion.truth import PointCloud, UniformBox
from lookingglass.diffusion.weights import load_denoiser

CONVERGED = 400  # steps of rk4, whose error is then about 1e-10
FEW = 10  # the number of steps nearest to this is reported as "few"
SHOWN = 1000  # points of each run that are kept for the figure


class Params(Section):
    seed: Seed
    points: Annotated[int, Field(ge=1, le=20_000)]
    steps: Annotated[
        list[Annotated[int, Field(ge=1, le=100_000)]], Field(min_length=5, max_length=20)
    ]
    null_draws: Annotated[int, Field(ge=2, le=10_000)]


def compare(
    runs: dict[str, tuple[Denoiser, Tensor]],
    truth: UniformBox | PointCloud,
    schedule: Schedule,
    all_steps: list[int],
) -> tuple[pd.DataFrame, Tensor]:
    """Algorithm 1 with every number of steps, for each denoiser and the noise it starts from.

    Returns a table (run, steps, std and, for the square, inside and energy), and the first SHOWN
    samples of each run, (steps, runs, SHOWN, 2).
    """
    rows, samples = [], []
    for steps in progress(all_steps, total=len(all_steps), title="sampling"):
        for name, (denoiser, z) in runs.items():
            x = sample(denoiser, schedule, z, times=uniform_times(steps), solver="euler")
            row = {"run": name, "steps": steps, "std": float(x.std())}
            if isinstance(truth, UniformBox):
                row |= {"inside": truth.fraction_inside(x), "energy": energy_distance(x, truth)}
            rows.append(row)
            samples.append(x[:SHOWN])
    return pd.DataFrame(rows), torch.stack(samples).unflatten(0, (len(all_steps), len(runs)))


def references(
    truth: UniformBox | PointCloud, schedule: Schedule, z: Tensor, params: Params,
    generator: torch.Generator,
) -> dict[str, float]:  # fmt: skip
    """What to compare the runs with: the data's spread, or what an exact sampler gives."""
    if isinstance(truth, PointCloud):
        return {"data_std": float(truth.points.std())}
    limit = sample(truth.denoiser, schedule, z, times=uniform_times(CONVERGED), solver="rk4")
    low, high = null_band(params.points, truth, draws=params.null_draws, generator=generator)
    return {
        "null_low": low,
        "null_high": high,
        "limit_std": float(limit.std()),
        # the fraction of exact samples inside: they still have noise sigma(0)
        "noisy_inside": (1 - schedule.sigma_min / math.sqrt(2 * math.pi)) ** 2,
    }


def main() -> None:
    params, truth = load("steps", Params), load_truth()
    torch.set_num_threads(1)
    model = load_denoiser("models/diffusion.safetensors")
    generator = torch.Generator().manual_seed(params.seed)
    z = torch.randn(params.points, 2, generator=generator)

    runs: dict[str, tuple[Denoiser, Tensor]] = {"model": (model, z)}
    if isinstance(truth, UniformBox):
        runs["exact"] = (truth.denoiser, z)
        runs["matched"] = (truth.denoiser, truth.prior_at(model.schedule).transform(z))
    else:
        say_left_out("the exact denoiser, fraction inside and energy distance")
    table, samples = compare(runs, truth, model.schedule, params.steps)
    metrics = references(truth, model.schedule, z, params, generator)
    few = min(params.steps, key=lambda steps: abs(steps - FEW))
    metrics["few_steps"] = few
    measures = [name for name in ("std", "inside") if name in table]
    for row in table[table.steps == few].to_dict("records"):
        metrics |= {f"{row['run']}_few_{measure}": row[measure] for measure in measures}

    write_frame("plots/steps.csv", table)
    write_arrays("data/steps.npz", steps=params.steps, samples=samples.numpy())
    write_metrics("metrics/details/steps.json", metrics)
    write_headline("metrics/steps.json", metrics, inside="model_few_inside", std="model_few_std")
    if "limit_std" in metrics:
        print(
            f"with T to infinity: std {metrics['limit_std']:.3f}; energy distance of true samples: "
            f"{metrics['null_low']:.1e} to {metrics['null_high']:.1e}"
        )
    shown = table[table.steps.isin([min(params.steps), few, max(params.steps)])]
    print(shown.to_string(index=False, float_format="{:.3g}".format))


if __name__ == "__main__":
    run(main)
