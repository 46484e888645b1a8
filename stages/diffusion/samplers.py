"""Schedules and solvers compared, and what is left to blame (exercise 2.2.2, unconditional, 5).

Three questions. How far from where the flow really ends is a sampler, by the number of times that
it evaluates the denoiser? How good are samples from a fast one, from either prior, with and
without a last denoising step? And of Algorithm 1's distance to the square, how much is due to the
prior, to its steps, to the network, and to the noise left at t = 0?

Where the points are the user's, the first question is asked of the trained denoiser (the exact one,
which looks at every point, would take an hour), and those that need the square are left out.
"""

import math
from itertools import product
from typing import Annotated, Any

import torch
from pydantic import Field, ValidationInfo, field_validator
from torch import Tensor
from torch.quasirandom import SobolEngine

from lab.core.artifacts import write_metrics, write_table
from lab.core.entry import run
from lab.core.headline import headline
from lab.core.params import Section, Seed, load
from lab.data.origin import say_left_out
from lab.data.truth import Prior, draw_of, load_truth
from lab.training.progress import progress
from lookingglass.diffusion.denoiser import Denoiser
from lookingglass.diffusion.energy import energy_distance, null_band
from lookingglass.diffusion.samplers import sample, uniform_times
from lookingglass.diffusion.schedule import CosineSchedule, KarrasSchedule, Schedule
from lookingglass.diffusion.solvers import NFE, SOLVERS
from lookingglass.diffusion.truth import SQUARE, PointCloud, UniformBox
from lookingglass.diffusion.weights import Network, load_denoiser

CONVERGED: dict[str, Any] = {"times": uniform_times(100), "solver": "rk4"}  # error about 1e-8
PRIORS: tuple[Prior, ...] = ("standard", "matched")
SOURCES = ("prior", "steps", "network", "noise")
FAR = 10.0  # a sigma at which the noised square is a Gaussian for all purposes


class Params(Section):
    seed: Seed
    points: Annotated[int, Field(ge=1, le=100_000)]
    evaluations: Annotated[
        list[Annotated[int, Field(ge=4, le=10_000)]], Field(min_length=2, max_length=20)
    ]
    fast: int
    inside_points: Annotated[int, Field(ge=1, le=10_000_000)]
    energy_points: Annotated[int, Field(ge=1, le=20_000)]
    null_draws: Annotated[int, Field(ge=2, le=10_000)]
    budget_points: Annotated[int, Field(ge=1, le=20_000)]
    budget_steps: Annotated[int, Field(ge=1, le=100_000)]

    @field_validator("fast")
    @classmethod
    def _compared(cls, fast: int, info: ValidationInfo) -> int:
        evaluations = info.data.get("evaluations", [fast])
        if not min(evaluations) <= fast <= max(evaluations):
            raise ValueError(
                f"from {min(evaluations)} to {max(evaluations)}, the least and the most evaluations"
            )
        return fast


def all_schedules(original: Schedule) -> dict[str, Schedule]:
    """The original and those that take its place, with the same sigma at both ends."""
    low, high = original.sigma_min, original.sigma_max
    return {
        "exponential": original,
        "karras": KarrasSchedule(low, high),
        "cosine": CosineSchedule(low, high),
        "linear": KarrasSchedule(low, high, rho=1.0),
    }


def rmse(x: Tensor, end: Tensor) -> float:
    """Root of the mean squared distance in the plane."""
    return float((x - end).square().sum(dim=1).mean().sqrt())


def convergence(
    model: Network, truth: UniformBox | PointCloud, params: Params
) -> list[tuple[str, str, str, int, float]]:
    """(denoiser, schedule, solver, evaluations, error against the denoiser's own end points)."""
    generator = torch.Generator().manual_seed(params.seed)
    z = torch.randn(params.points, 2, generator=generator).double()
    z = draw_of("matched", z, truth, model.schedule)
    schedules = all_schedules(model.schedule)
    cases: list[tuple[str, Denoiser, Tensor, str]]
    if isinstance(truth, UniformBox):
        cases = [("exact", truth.denoiser, z, schedule) for schedule in schedules]
        cases.append(("model", model, z.float(), "exponential"))
    else:
        cases = [("model", model, z.float(), schedule) for schedule in schedules]

    rows = []
    for name, denoiser, start, schedule in progress(cases, total=len(cases), title="convergence"):
        end = sample(denoiser, model.schedule, start, **CONVERGED)
        for solver, evaluations in product(SOLVERS, params.evaluations):
            # Algorithm 1's update at t = 0 is an evaluation, too
            steps = (evaluations - (solver == "euler")) // NFE[solver]
            used = steps * NFE[solver] + (solver == "euler")
            times = uniform_times(steps)
            x = sample(denoiser, schedules[schedule], start, times=times, solver=solver)
            rows.append((name, schedule, solver, used, rmse(x, end)))
    return rows


def quality(model: Network, truth: UniformBox | PointCloud, params: Params) -> dict[str, float]:
    """Samples of a fast sampler, from either prior, with and without a last denoising step."""
    generator = torch.Generator().manual_seed(params.seed)
    noise = torch.randn(params.inside_points, 2, generator=generator)
    options: dict[str, Any] = {"times": uniform_times(params.fast), "solver": "dpmpp_2m"}
    sigma = model.schedule.sigma_min
    metrics = {}
    for prior in PRIORS:
        # in parts that fit the processor's cache
        parts = draw_of(prior, noise, truth, model.schedule).split(4096)
        x = torch.cat([sample(model, model.schedule, part, **options) for part in parts])
        denoised = x - sigma * model(x, sigma)  # equation 8, as final_denoise does
        for name, end in ((prior, x), (f"{prior}_denoised", denoised)):
            metrics[f"std_{name}"] = float(end.std())
            if isinstance(truth, UniformBox):
                metrics[f"inside_{name}"] = truth.fraction_inside(end)
                metrics[f"energy_{name}"] = energy_distance(end[: params.energy_points], truth)
    if isinstance(truth, UniformBox):
        metrics["null_low"], metrics["null_high"] = null_band(
            params.energy_points, truth, draws=params.null_draws, generator=generator
        )
    return metrics


def budget(model: Network, params: Params) -> dict[str, float]:
    """The energy distance of Algorithm 1 with some sources of error, the others made exact.

    Noise from a Sobol sequence fills the plane evenly, so what is left is no accident of it.
    """
    uniform = SobolEngine(2, scramble=True, seed=params.seed).draw(
        params.budget_points, dtype=torch.float64
    )
    noise = torch.special.ndtri(uniform.clamp(1e-12, 1 - 1e-12))
    low, high = model.schedule.sigma_min, model.schedule.sigma_max
    before, after = KarrasSchedule(high, FAR), KarrasSchedule(low / 1000, low)
    exact_start = sample(SQUARE.denoiser, before, math.sqrt(FAR**2 + 1 / 3) * noise, **CONVERGED)

    def distance(sources: set[str], solver: str, steps: int) -> float:
        z = noise if "prior" in sources else exact_start
        denoiser: Denoiser = SQUARE.denoiser
        if "network" in sources:
            denoiser, z = model, z.float()
        if "steps" not in sources:
            solver, steps = "dpmpp_2m", 300
        x = sample(denoiser, model.schedule, z, times=uniform_times(steps), solver=solver)
        if "noise" not in sources:
            # go on to where there is none
            times = uniform_times(30)
            x = sample(SQUARE.denoiser, after, x.double(), times=times, solver="dpmpp_2m")
        return energy_distance(x, SQUARE)

    every = set(SOURCES)
    as_asked = ("euler", params.budget_steps)
    cases = {"budget_all": (every, *as_asked), "budget_none": (set[str](), *as_asked)}
    cases |= {f"only_{source}": ({source}, *as_asked) for source in SOURCES}
    cases |= {f"without_{source}": (every - {source}, *as_asked) for source in SOURCES}
    for solver in ("euler", "dpmpp_2m"):
        cases[f"only_fast_{solver}"] = ({"steps"}, solver, params.fast)
    work = progress(cases.items(), total=len(cases), title="error budget")
    return {name: distance(*case) for name, case in work}


def main() -> None:
    params = load("samplers", Params)
    torch.set_num_threads(1)
    model, truth = load_denoiser("models/diffusion.safetensors"), load_truth()

    t = uniform_times(params.fast).flip(0)
    sigmas = {name: s.sigma(t).tolist() for name, s in all_schedules(model.schedule).items()}
    write_table(
        "plots/schedules.csv", ["t", *sigmas], zip(t.tolist(), *sigmas.values(), strict=True)
    )

    rows = convergence(model, truth, params)
    header = ["denoiser", "schedule", "solver", "evaluations", "rmse"]
    write_table("plots/samplers.csv", header, rows)
    fast = [row for row in rows if row[0] == rows[0][0] and row[3] <= params.fast]
    _, schedule, solver, _, least = min(fast, key=lambda row: row[4])

    metrics: dict[str, float | int | str] = {
        "fast_evaluations": params.fast,
        "fast_rmse": least,
        "fast_setting": f"{schedule} {solver}",
    }
    if isinstance(truth, UniformBox):
        metrics |= {"energy_points": params.energy_points, "budget_steps": params.budget_steps}
        metrics |= quality(model, truth, params) | budget(model, params)
    else:
        metrics |= quality(model, truth, params)
        say_left_out("fraction inside, energy distance and the error budget")
    write_metrics("metrics/details/samplers.json", metrics)
    write_metrics(
        "metrics/samplers.json",
        headline(
            metrics,
            inside="inside_matched_denoised",
            std="std_matched_denoised",
            energy="energy_matched_denoised",
            rmse="fast_rmse",
        ),
    )
    print(
        f"{metrics['fast_evaluations']} evaluations bring {metrics['fast_setting']} to "
        f"{metrics['fast_rmse']:.1e} from the flow's ends, the best of all"
    )
    if "budget_all" in metrics:
        alone = (f"{source} {metrics[f'only_{source}']:.1e}" for source in SOURCES)
        print(
            f"energy distance of Algorithm 1 {metrics['budget_all']:.1e}, of true samples "
            f"{metrics['null_low']:.1e} to {metrics['null_high']:.1e}; "
            f"of each error alone: {', '.join(alone)}"
        )


if __name__ == "__main__":
    run(main)
