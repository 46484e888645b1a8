"""Nine samplings with Algorithm 1, or a sampler of your own (2.2.2, unconditional, question 3)."""

from typing import Annotated, Any, Literal

import torch
from pydantic import Field, field_validator
from torch import Tensor

from lab.core.artifacts import write_arrays, write_metrics
from lab.core.entry import run
from lab.core.headline import write_headline
from lab.core.params import Section, Seed, load
from lab.core.progress import progress
from lab.data.ground_truth import load_truth
from lab.data.origin import say_left_out
from lab.sampling.own import Sampler, load_sampler
from lookingglass.diffusion.prior import STANDARD
from lookingglass.diffusion.truth import PointCloud, UniformBox
from lookingglass.diffusion.weights import Network, load_denoiser


class Solver(Section):
    """Where a sampler is."""

    file: str
    name: str


class Params(Section):
    seeds: Annotated[list[Seed], Field(min_length=9, max_length=9)]
    points: Annotated[int, Field(ge=1, le=100_000)]
    steps: Annotated[int, Field(ge=1, le=100_000)]
    prior: Literal["standard", "matched"]
    solver: Solver

    @field_validator("solver", mode="before")
    @classmethod
    def check_solver(cls, value: Any) -> Any:
        """Say in one line what is allowed."""
        good = isinstance(value, dict) and value.keys() == {"file", "name"}
        if not good or not all(text and isinstance(text, str) for text in value.values()):
            raise ValueError("a section with file and name, both text")
        return value


def sample_seeds(
    denoiser: Network, truth: UniformBox | PointCloud, sampler: Sampler, params: Params
) -> Tensor:
    """One sampling for each seed, (seeds, points, 2)."""
    prior = STANDARD if params.prior == "standard" else truth.prior_at(denoiser.schedule)
    samplings = []
    for seed in progress(params.seeds, total=len(params.seeds), title="sampling"):
        generator = torch.Generator().manual_seed(seed)
        z = prior.transform(torch.randn(params.points, 2, generator=generator))
        samplings.append(sampler(denoiser, z, params.steps, generator))
    return torch.stack(samplings)


def main() -> None:
    params, truth = load("sample", Params), load_truth()
    torch.set_num_threads(1)
    denoiser = load_denoiser("models/diffusion.safetensors")
    sampler = load_sampler(params.solver.file, params.solver.name)

    points = sample_seeds(denoiser, truth, sampler, params)
    metrics: dict[str, float | int | str] = {}
    if isinstance(truth, UniformBox):
        metrics["inside"] = truth.fraction_inside(points.flatten(0, 1))
        print(f"{metrics['inside']:.2%} of the samples inside")
    else:
        say_left_out("fraction inside")
    metrics |= {"std": float(points.std()), "points": params.points, "steps": params.steps}
    metrics["sampler"] = sampler.title

    write_arrays("data/sample.npz", points=points.numpy(), seeds=params.seeds)
    write_metrics("metrics/details/sample.json", metrics)
    write_headline("metrics/sample.json", metrics, "inside", "std")
    print(f"standard deviation {metrics['std']:.4f}, from the {params.prior} prior")


if __name__ == "__main__":
    run(main)
