"""Algorithm 1 with more and fewer steps (exercise 2.2.2, unconditional, question 4).

The trained and the exact denoiser start from the same noise, so what they share is not the
model's fault; a third run starts from the noise that the square would have at t = 1. An Euler
step in t takes away rate/T of eps, as much at its end as at its start, though there is less left:
few steps take away too much, and the square shrinks. Points of the user's own are sampled by the
trained denoiser alone: the exact one, which looks at every point, would take many minutes.
"""

import math
from typing import Annotated, Any

import torch
from pydantic import Field
from torch import Tensor

from lab.core.artifacts import write_arrays, write_metrics, write_table
from lab.core.entry import run
from lab.core.headline import headline
from lab.core.params import Section, Seed, load
from lab.data.origin import say_left_out
from lab.data.truth import draw_of, load_truth
from lab.training.progress import progress
from lookingglass.diffusion.denoiser import Denoiser
from lookingglass.diffusion.energy import energy_distance, null_band
from lookingglass.diffusion.samplers import sample, uniform_times
from lookingglass.diffusion.truth import PointCloud, UniformBox
from lookingglass.diffusion.weights import load_denoiser

CONVERGED = 400  # steps of rk4, whose error is then about 1e-10
FEW = 10  # steps, or nearly so, are spoken of as few
SHOWN = 1000  # points of each sampling that are kept for the figure


class Params(Section):
    seed: Seed
    points: Annotated[int, Field(ge=1, le=20_000)]
    steps: Annotated[
        list[Annotated[int, Field(ge=1, le=100_000)]], Field(min_length=5, max_length=20)
    ]
    null_draws: Annotated[int, Field(ge=2, le=10_000)]


def main() -> None:
    params = load("steps", Params)
    torch.set_num_threads(1)
    model = load_denoiser("models/diffusion.safetensors")
    generator = torch.Generator().manual_seed(params.seed)
    z = torch.randn(params.points, 2, generator=generator)
    truth = load_truth()
    box = truth if isinstance(truth, UniformBox) else None
    runs: dict[str, tuple[Denoiser, Tensor]] = {"model": (model, z)}
    if box:
        runs["exact"] = (box.denoiser, z)
        runs["matched"] = (box.denoiser, draw_of("matched", z, box, model.schedule))

    rows: list[list[Any]] = []
    shown = []
    for steps in progress(params.steps, total=len(params.steps), title="sampling"):
        for name, (denoiser, start) in runs.items():
            x = sample(denoiser, model.schedule, start, times=uniform_times(steps), solver="euler")
            rows.append([name, steps, float(x.std())])
            if box:
                rows[-1] += [box.fraction_inside(x), energy_distance(x, box)]
            shown.append(x[:SHOWN])

    header = ["run", "steps", "std", *(["inside", "energy"] if box else [])]
    write_table("plots/steps.csv", header, rows)
    samples = torch.stack(shown).unflatten(0, (len(params.steps), len(runs)))
    write_arrays("data/steps.npz", steps=params.steps, samples=samples.numpy())
    metrics: dict[str, float | int | str] = {}
    if isinstance(truth, PointCloud):
        metrics["data_std"] = float(truth.points.std())
        say_left_out("the exact denoiser, fraction inside and energy distance")
    else:
        limit = sample(
            truth.denoiser, model.schedule, z, times=uniform_times(CONVERGED), solver="rk4"
        )
        low, high = null_band(params.points, truth, draws=params.null_draws, generator=generator)
        metrics = {
            "null_low": low,
            "null_high": high,
            "limit_std": float(limit.std()),
            # the noise that is left at t = 0 carries this much of the square's edge outside
            "noisy_inside": (1 - model.schedule.sigma_min / math.sqrt(2 * math.pi)) ** 2,
        }
        print(f"any T: std {limit.std():.3f}; energy of true samples {low:.1e} to {high:.1e}")
    few = min(params.steps, key=lambda steps: abs(steps - FEW))
    metrics["few_steps"] = few
    for name, steps, *measured in rows:
        if steps == few:
            names = (f"{name}_few_std", f"{name}_few_inside")
            metrics |= dict(zip(names, measured, strict=False))
    write_metrics("metrics/details/steps.json", metrics)
    write_metrics(
        "metrics/steps.json", headline(metrics, inside="model_few_inside", std="model_few_std")
    )
    least, most = min(params.steps), max(params.steps)
    print(f"with T = {least}, {few} and {most} steps:")
    for name in runs:
        chosen = [
            row[2:] for steps in (least, few, most) for row in rows if row[:2] == [name, steps]
        ]
        words = (
            f"{key} {', '.join(f'{value:.3g}' for value in values)}"
            for key, values in zip(header[2:], zip(*chosen, strict=True), strict=True)
        )
        print(f"{name:7}  {';  '.join(words)}")


if __name__ == "__main__":
    run(main)
