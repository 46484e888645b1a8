"""Nine samplings by Algorithm 1, to the letter (exercise 2.2.2, unconditional, question 3)."""

from typing import Annotated

import torch
from pydantic import Field

from lab.core.artifacts import write_arrays, write_metrics
from lab.core.entry import run
from lab.core.headline import headline
from lab.core.params import Section, Seed, load
from lab.data.origin import say_left_out
from lab.data.truth import Prior, draw_of, load_truth
from lab.training.progress import progress
from lookingglass.diffusion.samplers import sample, uniform_times
from lookingglass.diffusion.truth import UniformBox
from lookingglass.diffusion.weights import load_denoiser


class Params(Section):
    seeds: Annotated[list[Seed], Field(min_length=9, max_length=9)]
    points: Annotated[int, Field(ge=1, le=100_000)]
    steps: Annotated[int, Field(ge=1, le=100_000)]
    prior: Prior


def main() -> None:
    params = load("sample", Params)
    torch.set_num_threads(1)
    denoiser = load_denoiser("models/diffusion.safetensors")
    truth, times = load_truth(), uniform_times(params.steps)

    samples = []
    for seed in progress(params.seeds, total=len(params.seeds), title="sampling"):
        generator = torch.Generator().manual_seed(seed)
        z = torch.randn(params.points, 2, generator=generator)
        z = draw_of(params.prior, z, truth, denoiser.schedule)
        samples.append(sample(denoiser, denoiser.schedule, z, times=times, solver="euler"))
    points = torch.stack(samples)  # (seeds, points, 2)

    write_arrays("data/sample.npz", points=points.numpy(), seeds=params.seeds)
    metrics: dict[str, float | int | str] = {}
    if isinstance(truth, UniformBox):
        inside = metrics["inside"] = truth.fraction_inside(points.flatten(0, 1))
        print(f"{inside:.2%} of the samples inside")
    else:
        say_left_out("fraction inside")
    metrics |= {"std": float(points.std()), "points": params.points, "steps": params.steps}
    write_metrics("metrics/details/sample.json", metrics)
    write_metrics("metrics/sample.json", headline(metrics, "inside", "std"))
    print(f"standard deviation {metrics['std']:.4f}, from the {params.prior} prior")


if __name__ == "__main__":
    run(main)
