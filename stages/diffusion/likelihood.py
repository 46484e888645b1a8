"""The log-probability of points, right and wrong, beside the truth (exercise 2.2.2, conditional 6).

Three answers for each point and class: the exercise's -L_T, which lacks two terms; the full ELBO,
for its T and in the limit of continuous time; and the flow's density. The truth is that of the
class's rectangle plus the noise left at t = 0. Prior: N(0, I), and that of the class's own noised
data (mean and variance matched). Where the points are the user's own, their law is not
known, and what compares with the truth is left out.
"""

from typing import Annotated

import torch
from pydantic import AfterValidator, Field
from torch import Tensor

from lab.core.artifacts import write_metrics, write_table
from lab.core.entry import run
from lab.core.headline import headline
from lab.core.params import PARAMS, Section, Seed, load
from lab.data.class_truths import load_class_truths
from lab.data.origin import of_square, say_left_out
from lookingglass.diffusion.class_truth import ClassTruth
from lookingglass.diffusion.likelihood import REPEATS, elbo, flow_log_density
from lookingglass.diffusion.prior import STANDARD, by_class
from lookingglass.diffusion.regions import classify
from lookingglass.diffusion.truth import SQUARE, UniformBox
from lookingglass.diffusion.weights import Network, load_denoiser
from lookingglass.errors import InputError
from stages.diffusion.classes import load_regions

HEADER = [
    "x", "y", "class", "right_class",
    "diffusion_T", "standard_error_T", "diffusion", "standard_error",
    "prior", "prior_standard", "reconstruction",
    "bound_T", "bound", "flow", "flow_standard",
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


def split(points: list[list[float]], regions: list[UniformBox]) -> tuple[Tensor, Tensor]:
    """Places and classes. Raises InputError for a class that is none."""
    for i, (_, _, number) in enumerate(points):
        if number not in range(len(regions)):
            raise InputError(
                f"{PARAMS}: likelihood.points.{i} = {points[i]}: the third is a class, and must be "
                f"one of 0 to {len(regions) - 1}, as classes.regions has them"
            )
    table = torch.tensor(points, dtype=torch.float64)
    return table[:, :2], table[:, 2].long()


def flow_errors(denoiser: Network, regions: list[UniformBox], params: Params) -> dict[str, float]:
    """How wrong the flow is on average in the square: with classes, and without."""
    schedule, truth = denoiser.schedule, ClassTruth(regions)
    sigma_0 = schedule.sigma_min
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
        for start in (by_class([box.prior_at(schedule) for box in regions], label), STANDARD)
    )
    plain = load_denoiser("models/diffusion.safetensors").double()
    start = SQUARE.prior_at(schedule)
    without = flow_log_density(
        inside, plain, schedule, log_prior=start.log_density, steps=params.flow_steps
    ) - SQUARE.log_density(inside, sigma_0)
    return {
        "flow_error": float(with_class.abs().mean()),
        "flow_bias": float(with_class.mean()),
        "flow_error_standard": float(standard.abs().mean()),
        "flow_error_no_class": float(without.abs().mean()),
        "flow_bias_no_class": float(without.mean()),
    }


def main() -> None:
    params, regions = load("likelihood", Params), load_regions()
    x, label = split(params.points, regions)
    torch.set_num_threads(1)
    # in float64, the divergence keeps its digits
    denoiser = load_denoiser("models/conditional.safetensors").double()
    schedule = denoiser.schedule
    truths = load_class_truths(regions)
    # of a class without points nothing was learned, and any prior will do
    priors = [truths.get(i, box).prior_at(schedule) for i, box in enumerate(regions)]
    prior = by_class(priors, label)

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
    columns = [
        finite.diffusion, finite.standard_error, limit.diffusion, limit.standard_error,
        limit.prior, -STANDARD.kl_from(x, schedule.sigma_max),
        torch.full_like(flow, limit.reconstruction), finite.total, limit.total, flow, flow_standard,
    ]  # fmt: skip
    square = of_square()
    if square:
        columns.append(ClassTruth(regions).log_density(x, schedule.sigma_min, label))
    right = (classify(x, regions) == label).tolist()
    numbers = torch.stack(columns, dim=1).tolist()
    rows = [
        [*point[:2], int(point[2]), int(fits), *values]
        for point, fits, values in zip(params.points, right, numbers, strict=True)
    ]
    write_table("data/likelihood.csv", [*HEADER, *(["truth"] if square else [])], rows)

    metrics: dict[str, float | int | str] = {}
    if square:
        metrics |= flow_errors(denoiser, regions, params)
        print(
            f"flow's log density is off by {metrics['flow_error']:.3f} nats on average inside, "
            f"{metrics['flow_error_no_class']:.3f} without classes"
        )
    else:
        say_left_out("the truth and the flow's error")
    metrics |= {
        "finite_steps": float((finite.total - limit.total)[right].mean()),
        "standard_error": float(limit.standard_error[right].mean()),
    }
    write_metrics("metrics/details/likelihood.json", metrics)
    write_metrics("metrics/likelihood.json", headline(metrics, log_p_error="flow_error"))


if __name__ == "__main__":
    run(main)
