"""The log-probability of points inside and outside their class (exercise 2.2.2, conditional, 6).

Three estimates for each point and class: the exercise's -L_T, which lacks two terms; the full ELBO,
with the exercise's T and in the limit of continuous time; and the density of the flow. The truth is
the class's rectangle plus the noise left at t = 0. The prior is N(0, I) or the matched one, with
the mean and variance of the class's noised data. The distribution of your own points is unknown, so
comparisons with the truth are left out for them.
"""

from typing import Annotated

import pandas as pd
import torch
from pydantic import AfterValidator, Field
from torch import Tensor

from lab.core.artifacts import write_metrics
from lab.core.entry import run
from lab.core.headline import write_headline
from lab.core.params import PARAMS, Section, Seed, load
from lab.data.class_truths import load_class_truths
from lab.data.origin import of_square, say_left_out
from lab.data.tables import write_frame
from lookingglass.diffusion.class_truth import ClassTruth
from lookingglass.diffusion.likelihood import REPEATS, elbo, flow_log_density
from lookingglass.diffusion.prior import STANDARD, GaussianPrior, by_class
from lookingglass.diffusion.regions import classify
from lookingglass.diffusion.truth import SQUARE, UniformBox
from lookingglass.diffusion.weights import Network, load_denoiser
from lookingglass.errors import InputError
from stages.diffusion.classes import load_regions


def in_parts(draws: int) -> int:
    """Refuse a number of draws that cannot be split into Sobol sequences."""
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
    """The points, (n, 2), and their classes, (n,). Raises InputError for an unknown class."""
    for i, (_, _, number) in enumerate(points):
        if number not in range(len(regions)):
            raise InputError(
                f"{PARAMS}: likelihood.points.{i} = {points[i]}: the third number is a class, and "
                f"must be one of 0 to {len(regions) - 1}, the classes of classes.regions"
            )
    table = torch.tensor(points, dtype=torch.float64)
    return table[:, :2], table[:, 2].long()


def estimate(
    x: Tensor, label: Tensor, denoiser: Network, prior: GaussianPrior, params: Params
) -> dict[str, Tensor]:
    """Every estimate of log p(x | label), and the ELBO's terms, each (n,), in nats."""
    schedule = denoiser.schedule
    finite, limit = (
        elbo(
            x, denoiser, schedule,
            generator=torch.Generator().manual_seed(params.seed),
            steps=steps, draws=params.draws, sobol=params.sobol, prior=prior, label=label,
        )
        for steps in (params.steps, None)
    )  # fmt: skip
    flow, flow_standard = (
        flow_log_density(
            x, denoiser, schedule,
            steps=params.flow_steps, log_prior=start.log_density, label=label,
        )
        for start in (prior, STANDARD)
    )  # fmt: skip
    return {
        "diffusion_T": finite.diffusion,
        "standard_error_T": finite.standard_error,
        "diffusion": limit.diffusion,
        "standard_error": limit.standard_error,
        "prior": limit.prior,
        "prior_standard": -STANDARD.kl_from(x, schedule.sigma_max),
        "reconstruction": torch.full_like(flow, limit.reconstruction),
        "bound_T": finite.total,
        "bound": limit.total,
        "flow": flow,
        "flow_standard": flow_standard,
    }


def flow_errors(
    conditional: Network, unconditional: Network, regions: list[UniformBox], params: Params
) -> dict[str, float]:
    """The flow's mean error inside the square, in nats: with classes, and without."""
    schedule, sigma_0 = conditional.schedule, conditional.schedule.sigma_min
    x = SQUARE.sample(params.inside, torch.Generator().manual_seed(params.seed)).double()
    label = classify(x, regions)
    matched = by_class([box.prior_at(schedule) for box in regions], label)
    truth = ClassTruth(regions).log_density(x, sigma_0, label)
    with_class, standard = (
        flow_log_density(
            x, conditional, schedule,
            steps=params.flow_steps, log_prior=prior.log_density, label=label,
        )
        - truth
        for prior in (matched, STANDARD)
    )  # fmt: skip
    prior = SQUARE.prior_at(schedule)
    no_class = flow_log_density(
        x, unconditional, schedule, steps=params.flow_steps, log_prior=prior.log_density
    ) - SQUARE.log_density(x, sigma_0)
    return {
        "flow_error": float(with_class.abs().mean()),
        "flow_bias": float(with_class.mean()),
        "flow_error_standard": float(standard.abs().mean()),
        "flow_error_no_class": float(no_class.abs().mean()),
        "flow_bias_no_class": float(no_class.mean()),
    }


def main() -> None:
    params, regions, square = load("likelihood", Params), load_regions(), of_square()
    x, label = split(params.points, regions)
    truths = load_class_truths(regions)
    torch.set_num_threads(1)
    # float64, because the divergence loses digits
    conditional = load_denoiser("models/conditional.safetensors").double()
    unconditional = load_denoiser("models/diffusion.safetensors").double()
    schedule = conditional.schedule

    # for a class without points, which was never trained, any prior will do
    priors = [truths.get(i, region).prior_at(schedule) for i, region in enumerate(regions)]
    estimates = estimate(x, label, conditional, by_class(priors, label), params)
    right = classify(x, regions) == label
    if square:
        estimates["truth"] = ClassTruth(regions).log_density(x, schedule.sigma_min, label)
        metrics = flow_errors(conditional, unconditional, regions, params)
        print(
            f"mean error of the flow's log density inside the square: {metrics['flow_error']:.3f} "
            f"nats, without classes {metrics['flow_error_no_class']:.3f}"
        )
    else:
        metrics = {}
        say_left_out("the truth and the flow's error")
    metrics |= {
        "finite_steps": float((estimates["bound_T"] - estimates["bound"])[right].mean()),
        "standard_error": float(estimates["standard_error"][right].mean()),
    }

    points = {"x": x[:, 0], "y": x[:, 1], "class": label, "right_class": right.long()}
    columns = {name: column.tolist() for name, column in (points | estimates).items()}
    write_frame("data/likelihood.csv", pd.DataFrame(columns))
    write_metrics("metrics/details/likelihood.json", metrics)
    write_headline("metrics/likelihood.json", metrics, log_p_error="flow_error")


if __name__ == "__main__":
    run(main)
