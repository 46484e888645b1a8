"""The log-probability of points, right and wrong, beside the truth (exercise 2.2.2, conditional 6).

Three answers for each point and class: the exercise's -L_T, which lacks two terms; the whole bound,
for its T and in the limit of continuous time; and the flow's density. The truth is that of the
class's rectangle plus the noise left at t = 0. Prior: N(0, I), and that of the class's own noised
data (mean and variance matched).
"""

from typing import Annotated

import torch
from pydantic import AfterValidator, Field
from torch import Tensor

from lookingglass.artifacts import write_metrics, write_table
from lookingglass.diffusion.class_truth import ClassTruth
from lookingglass.diffusion.likelihood import (
    REPEATS,
    STANDARD,
    GaussianPrior,
    elbo,
    flow_log_density,
)
from lookingglass.diffusion.regions import Region, classify
from lookingglass.diffusion.schedule import Schedule
from lookingglass.diffusion.truth import SQUARE, UniformBox
from lookingglass.diffusion.weights import load_denoiser
from lookingglass.errors import InputError
from lookingglass.params import Section, Seed, load
from stages.diffusion.classes import load_regions
from stages.entry import run

HEADER = [
    "x", "y", "class", "right_class",
    "diffusion_T", "standard_error_T", "diffusion", "standard_error",
    "prior", "prior_standard", "reconstruction",
    "bound_T", "bound", "flow", "flow_standard", "truth",
]  # fmt: skip


def in_parts(draws: int) -> int:
    if draws % REPEATS:
        raise ValueError(f"a multiple of {REPEATS}")
    return draws


class Params(Section):
    seed: Seed
    points: Annotated[
        list[
            Annotated[
                list[Annotated[float, Field(ge=-100, le=100)]], Field(min_length=3, max_length=3)
            ]
        ],
        Field(min_length=8),
    ]
    steps: Annotated[int, Field(ge=1, le=100_000)]
    draws: Annotated[int, Field(ge=8, le=1_000_000), AfterValidator(in_parts)]
    sobol: bool
    flow_steps: Annotated[int, Field(ge=1, le=10_000)]
    inside: Annotated[int, Field(ge=1, le=100_000)]


def matched(schedule: Schedule, regions: list[Region], label: Tensor) -> GaussianPrior:
    """A Gaussian with the mean and variance of the class's points at t = 1."""
    low, high = (
        torch.tensor([getattr(region, end) for region in regions], dtype=torch.float64)[label]
        for end in ("low", "high")
    )
    sigma = schedule.sigma(torch.ones((), dtype=torch.float64))
    return GaussianPrior((low + high) / 2, sigma**2 + (high - low) ** 2 / 12)


def split(points: list[list[float]], regions: list[Region]) -> tuple[Tensor, Tensor]:
    """Places and classes. Raises InputError for a class that is none."""
    for i, (_, _, number) in enumerate(points):
        if number not in range(len(regions)):
            raise InputError(
                f"params.yaml: likelihood.points.{i} = {points[i]}: the third is a class, and must "
                f"be one of 0 to {len(regions) - 1}"
            )
    table = torch.tensor(points, dtype=torch.float64)
    return table[:, :2], table[:, 2].long()


def main() -> None:
    params, regions = load("likelihood", Params), load_regions()
    x, label = split(params.points, regions)
    torch.set_num_threads(1)
    # in float64, the divergence keeps its digits
    denoiser = load_denoiser("models/conditional.safetensors").double()
    schedule = denoiser.schedule
    sigma_0 = float(schedule.sigma(torch.zeros((), dtype=torch.float64)))
    truth = ClassTruth([UniformBox(region.low, region.high) for region in regions])
    prior = matched(schedule, regions, label)

    limit, finite = (
        elbo(
            x, denoiser, schedule,
            generator=torch.Generator().manual_seed(params.seed),
            steps=steps, draws=params.draws, sobol=params.sobol, prior=prior, label=label,
        )
        for steps in (None, params.steps)
    )  # fmt: skip
    flow, flow_standard = (
        flow_log_density(
            x, denoiser, schedule,
            steps=params.flow_steps, log_prior=start.log_density, label=label,
        )
        for start in (prior, STANDARD)
    )  # fmt: skip
    exact = truth.log_density(x, sigma_0, label)
    sigma_1 = float(schedule.sigma(torch.ones((), dtype=torch.float64)))
    columns = [
        finite.diffusion, finite.standard_error, limit.diffusion, limit.standard_error,
        limit.prior, -STANDARD.divergence(x, sigma_1), torch.full_like(exact, limit.reconstruction),
        finite.total, limit.total, flow, flow_standard, exact,
    ]  # fmt: skip
    right = (classify(x, regions) == label).tolist()
    numbers = torch.stack(columns, dim=1).tolist()
    rows = [
        [*point[:2], int(point[2]), int(fits), *values]
        for point, fits, values in zip(params.points, right, numbers, strict=True)
    ]
    write_table("data/likelihood.csv", HEADER, rows)

    # how wrong the flow is on average, where the data are: with classes, and without
    inside = SQUARE.sample(params.inside, torch.Generator().manual_seed(params.seed)).double()
    label = classify(inside, regions)
    with_class, standard = (
        flow_log_density(
            inside,
            denoiser,
            schedule,
            log_prior=start.log_density,
            label=label,
            steps=params.flow_steps,
        )
        - truth.log_density(inside, sigma_0, label)
        for start in (matched(schedule, regions, label), STANDARD)
    )
    plain = load_denoiser("models/diffusion.safetensors").double()
    start = GaussianPrior(0.0, sigma_1**2 + 1 / 3)
    without = flow_log_density(
        inside, plain, schedule, log_prior=start.log_density, steps=params.flow_steps
    ) - SQUARE.log_density(inside, sigma_0)
    metrics = {
        "flow_error": float(with_class.abs().mean()),
        "flow_bias": float(with_class.mean()),
        "flow_error_standard": float(standard.abs().mean()),
        "flow_error_no_class": float(without.abs().mean()),
        "flow_bias_no_class": float(without.mean()),
        "finite_steps": float((finite.total - limit.total)[right].mean()),
        "standard_error": float(limit.standard_error[right].mean()),
    }
    write_metrics("metrics/likelihood.json", metrics)
    print(
        f"flow's log density is off by {metrics['flow_error']:.3f} nats on average inside, "
        f"{metrics['flow_error_no_class']:.3f} without classes"
    )


if __name__ == "__main__":
    run(main)
