"""Sample each class with Algorithm 1 (exercise 2.2.2, conditional, questions 3 to 5).

One trajectory for each class; a sampling in which each class has its share of the data; and the
same sampling with classifier-free guidance, for the square also with the exact denoiser.
"""

from dataclasses import dataclass
from typing import Annotated

import numpy as np
import torch
from pydantic import Field, field_validator
from torch import Tensor

from lab.core.artifacts import read_arrays, write_arrays, write_metrics
from lab.core.entry import run
from lab.core.headline import write_headline
from lab.core.params import Section, Seed, load
from lab.core.progress import progress
from lab.data.origin import of_square, say_left_out
from lookingglass.diffusion.class_truth import ClassTruth
from lookingglass.diffusion.denoiser import Denoiser
from lookingglass.diffusion.guidance import guide
from lookingglass.diffusion.regions import classify
from lookingglass.diffusion.samplers import sample, uniform_times
from lookingglass.diffusion.schedule import Schedule
from lookingglass.diffusion.truth import UniformBox
from lookingglass.diffusion.weights import Network, load_denoiser
from stages.diffusion.classes import load_regions


class Params(Section):
    seed: Seed
    points: Annotated[int, Field(ge=1, le=100_000)]
    steps: Annotated[int, Field(ge=1, le=100_000)]
    guidance: Annotated[list[Annotated[float, Field(gt=0, le=100)]], Field(min_length=1)]
    guided_steps: Annotated[int, Field(ge=1, le=10_000)]

    @field_validator("guidance")
    @classmethod
    def _has_one(cls, guidance: list[float]) -> list[float]:
        if 1 not in guidance:
            raise ValueError("a list that includes 1.0, which the report compares with the data")
        return guidance


@dataclass(frozen=True)
class Samples:
    """What Algorithm 1 gives: a path for each class, and points with the labels they start from."""

    paths: Tensor  # (times, classes, 2)
    label: Tensor  # (n,)
    z: Tensor  # (n, 2)
    points: Tensor  # (n, 2)


def labels_as_in_the_data(weights: list[float], n: int) -> Tensor:
    """n labels, each class in proportion to its weight."""
    ends = torch.tensor(weights).double().cumsum(0)
    place = (torch.arange(n) + 0.5) / n * ends[-1]
    return torch.searchsorted(ends, place)


def spread(x: Tensor, label: Tensor, regions: list[UniformBox]) -> float:
    """The standard deviation around the class's centre, relative to that of a uniform class."""
    low, high = (torch.tensor([getattr(r, end) for r in regions]) for end in ("low", "high"))
    unit = (x - (low + high)[label] / 2) / (high - low)[label]
    return float((12 * unit.square().mean()).sqrt())


def measure(
    x: Tensor, label: Tensor, regions: list[UniformBox], *, square: bool
) -> dict[str, float]:
    """The fraction of points in the region of their class and, for the square, their spread."""
    measured = {"inside": float((classify(x, regions) == label).double().mean())}
    if square:
        measured["spread"] = spread(x, label, regions)
    return measured


def sample_classes(denoiser: Network, weights: list[float], params: Params) -> Samples:
    """A path for each class, and a sampling in which each class has its share."""
    schedule, times = denoiser.schedule, uniform_times(params.steps)
    generator = torch.Generator().manual_seed(params.seed)
    each = torch.arange(len(weights))
    z = torch.randn(len(weights), 2, generator=generator)
    paths = sample(denoiser, schedule, z, times=times, label=each, trajectory=True)
    label = labels_as_in_the_data(weights, params.points)
    z = torch.randn(params.points, 2, generator=generator)
    points = sample(denoiser, schedule, z, times=times, label=label)
    return Samples(paths, label, z, points)


def shares(regions: list[UniformBox], counts: list[int], *, square: bool) -> list[float]:
    """What each class's share is proportional to: its area, or its number of your own points."""
    return [region.area for region in regions] if square else [float(n) for n in counts]


def sample_guided(
    denoisers: list[Denoiser], schedule: Schedule, z: Tensor, label: Tensor, params: Params
) -> Tensor:
    """Samples under each strength w of guidance, all from z: (strengths, denoisers, n, 2)."""
    cases = [guide(denoiser, w) for w in params.guidance for denoiser in denoisers]
    # guidance leaves the range in which Algorithm 1's many small steps are needed
    times = uniform_times(params.guided_steps)
    work = progress(cases, total=len(cases), title="sampling with guidance")
    samples: Tensor = torch.stack(
        [sample(guided, schedule, z, times=times, label=label, solver="heun") for guided in work]
    ).unflatten(0, (len(params.guidance), len(denoisers)))
    return samples


def main() -> None:
    params, regions, square = load("sample_conditional", Params), load_regions(), of_square()
    counts = np.bincount(read_arrays("data/classes.npz")["labels"], minlength=len(regions))
    torch.set_num_threads(1)
    denoiser = load_denoiser("models/conditional.safetensors")
    denoisers: dict[str, Denoiser] = {"model": denoiser}
    if square:
        denoisers["exact"] = ClassTruth(regions).denoiser
    else:
        say_left_out("spread and the exact denoiser")

    weights = shares(regions, counts.tolist(), square=square)
    sampled, each = sample_classes(denoiser, weights, params), torch.arange(len(regions))
    label = sampled.label
    guided = sample_guided(list(denoisers.values()), denoiser.schedule, sampled.z, label, params)

    known = torch.from_numpy(counts > 0) | square  # a class without points was never trained
    metrics: dict[str, float] = {
        "paths_inside": int(((classify(sampled.paths[-1], regions) == each) & known).sum()),
        **measure(sampled.points, label, regions, square=square),
    }
    for w, by_denoiser in zip(params.guidance, guided, strict=True):
        for name, x in zip(denoisers, by_denoiser, strict=True):
            measured = measure(x, label, regions, square=square)
            metrics |= {f"{key}_{name}_{w:g}": value for key, value in measured.items()}

    write_arrays(
        "data/sample_conditional.npz",
        times=uniform_times(params.steps).numpy(),
        paths=sampled.paths.numpy(),
        label=label.numpy(),
        points=sampled.points.numpy(),
        strengths=params.guidance,
        guided=guided.numpy(),
    )
    write_metrics("metrics/details/sample_conditional.json", metrics)
    write_headline("metrics/sample_conditional.json", metrics, "inside")
    print(
        f"{metrics['paths_inside']} of {int(known.sum())} trajectories and "
        f"{metrics['inside']:.2%} of {params.points} samples end in the region of their class"
    )


if __name__ == "__main__":
    run(main)
