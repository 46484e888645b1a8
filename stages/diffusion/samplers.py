"""Schedules and solvers compared, and an error budget (exercise 2.2.2, unconditional, question 5).

Three questions. How far does a sampler end from the flow's true end points, by the number of
function evaluations (NFE)? How good are the samples of a fast one, from either prior, with and
without a final denoising step? And how much of Algorithm 1's distance to the square comes from the
prior, from its steps, from the network, and from the noise left at t = 0?

With your own points the first question is answered for the trained denoiser (the exact one, which
looks at every point, would take an hour), and results that need the square are left out.
"""

import math
from itertools import product
from typing import Annotated, Any

import pandas as pd
import torch
from pydantic import Field, ValidationInfo, field_validator
from torch import Tensor
from torch.quasirandom import SobolEngine

from lab.core.artifacts import write_metrics
from lab.core.entry import run
from lab.core.headline import write_headline
from lab.core.params import Section, Seed, load
from lab.core.progress import progress
from lab.data.ground_truth import load_truth
from lab.data.origin import say_left_out
from lab.data.tables import write_frame
from lookingglass.diffusion.denoiser import Denoiser
from lookingglass.diffusion.energy import energy_distance, null_band
from lookingglass.diffusion.prior import STANDARD
from lookingglass.diffusion.samplers import sample, uniform_times
from lookingglass.diffusion.schedule import CosineSchedule, KarrasSchedule, Schedule
from lookingglass.diffusion.solvers import NFE, SOLVERS
from lookingglass.diffusion.truth import SQUARE, PointCloud, UniformBox
from lookingglass.diffusion.weights import Network, load_denoiser

CONVERGED: dict[str, Any] = {"times": uniform_times(100), "solver": "rk4"}  # error about 1e-8
SOURCES = ("prior", "steps", "network", "noise")
FAR = 10.0  # a sigma at which the noised square is practically a Gaussian


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
    """The original schedule, and alternatives with the same sigma at both ends."""
    low, high = original.sigma_min, original.sigma_max
    return {
        "exponential": original,
        "karras": KarrasSchedule(low, high),
        "cosine": CosineSchedule(low, high),
        "linear": KarrasSchedule(low, high, rho=1.0),
    }


def schedule_table(original: Schedule, steps: int) -> pd.DataFrame:
    """t, and sigma(t) of each schedule (a column)."""
    t = uniform_times(steps).flip(0)
    sigmas = {name: s.sigma(t).tolist() for name, s in all_schedules(original).items()}
    return pd.DataFrame({"t": t.tolist(), **sigmas})


def rmse(x: Tensor, end: Tensor) -> float:
    """Root of the mean squared distance in the plane."""
    return float((x - end).square().sum(dim=1).mean().sqrt())


def convergence(model: Network, truth: UniformBox | PointCloud, params: Params) -> pd.DataFrame:
    """The RMSE of each sampler to the end points of the flow of its own denoiser.

    A table of denoiser, schedule, solver, evaluations (NFE) and rmse.
    """
    generator = torch.Generator().manual_seed(params.seed)
    noise = torch.randn(params.points, 2, generator=generator).double()
    z = truth.prior_at(model.schedule).transform(noise)
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
            last_update = int(solver == "euler")  # Algorithm 1's at t = 0, one more evaluation
            steps = (evaluations - last_update) // NFE[solver]
            times = uniform_times(steps)
            x = sample(denoiser, schedules[schedule], start, times=times, solver=solver)
            rows.append(
                {
                    "denoiser": name,
                    "schedule": schedule,
                    "solver": solver,
                    "evaluations": steps * NFE[solver] + last_update,
                    "rmse": rmse(x, end),
                }
            )
    return pd.DataFrame(rows)


def best_fast(table: pd.DataFrame, evaluations: int) -> dict[str, float | int | str]:
    """The most accurate sampler with at most this many evaluations, of the first denoiser."""
    fast = table[(table.denoiser == table.denoiser[0]) & (table.evaluations <= evaluations)]
    best = fast.loc[fast.rmse.idxmin()]
    return {
        "fast_evaluations": evaluations,
        "fast_rmse": float(best.rmse),
        "fast_setting": f"{best.schedule} {best.solver}",
    }


def quality(model: Network, truth: UniformBox | PointCloud, params: Params) -> dict[str, float]:
    """Samples of a fast sampler, from either prior, with and without a final denoising step."""
    generator = torch.Generator().manual_seed(params.seed)
    noise = torch.randn(params.inside_points, 2, generator=generator)
    options: dict[str, Any] = {"times": uniform_times(params.fast), "solver": "dpmpp_2m"}
    sigma = model.schedule.sigma_min
    metrics = {}
    for name, prior in (("standard", STANDARD), ("matched", truth.prior_at(model.schedule))):
        batches = prior.transform(noise).split(4096)  # each fits into the processor's cache
        x = torch.cat([sample(model, model.schedule, z, **options) for z in batches])
        denoised = x - sigma * model(x, sigma)  # equation 8, as final_denoise does
        for ending, end in (("", x), ("_denoised", denoised)):
            metrics[f"std_{name}{ending}"] = float(end.std())
            if isinstance(truth, UniformBox):
                energy = energy_distance(end[: params.energy_points], truth)
                metrics[f"inside_{name}{ending}"] = truth.fraction_inside(end)
                metrics[f"energy_{name}{ending}"] = energy
    if isinstance(truth, UniformBox):
        metrics["null_low"], metrics["null_high"] = null_band(
            params.energy_points, truth, draws=params.null_draws, generator=generator
        )
    return metrics


def budget(model: Network, params: Params) -> dict[str, float]:
    """The energy distance of Algorithm 1 with some sources of error, the others made exact.

    The noise is a Sobol sequence, which fills the plane so evenly that chance plays no part.
    """
    uniform = SobolEngine(2, scramble=True, seed=params.seed).draw(
        params.budget_points, dtype=torch.float64
    )
    noise = torch.special.ndtri(uniform.clamp(1e-12, 1 - 1e-12))
    low, high = model.schedule.sigma_min, model.schedule.sigma_max
    before, after = KarrasSchedule(high, FAR), KarrasSchedule(low / 1000, low)
    exact_start = sample(SQUARE.denoiser, before, math.sqrt(FAR**2 + 1 / 3) * noise, **CONVERGED)

    def distance(
        sources: set[str], solver: str = "euler", steps: int = params.budget_steps
    ) -> float:
        z = noise if "prior" in sources else exact_start
        denoiser: Denoiser = SQUARE.denoiser
        if "network" in sources:
            denoiser, z = model, z.float()
        if "steps" not in sources:
            solver, steps = "dpmpp_2m", 300
        x = sample(denoiser, model.schedule, z, times=uniform_times(steps), solver=solver)
        if "noise" not in sources:
            # continue to where practically no noise is left
            times = uniform_times(30)
            x = sample(SQUARE.denoiser, after, x.double(), times=times, solver="dpmpp_2m")
        return energy_distance(x, SQUARE)

    every = set(SOURCES)
    cases: dict[str, tuple[Any, ...]] = {"budget_all": (every,), "budget_none": (set(),)}
    cases |= {f"only_{source}": ({source},) for source in SOURCES}
    cases |= {f"without_{source}": (every - {source},) for source in SOURCES}
    for solver in ("euler", "dpmpp_2m"):
        cases[f"only_fast_{solver}"] = ({"steps"}, solver, params.fast)
    work = progress(cases.items(), total=len(cases), title="error budget")
    return {name: distance(*case) for name, case in work}


def main() -> None:
    params, truth = load("samplers", Params), load_truth()
    torch.set_num_threads(1)
    model = load_denoiser("models/diffusion.safetensors")

    errors = convergence(model, truth, params)
    metrics = best_fast(errors, params.fast)
    if isinstance(truth, UniformBox):
        metrics |= {"energy_points": params.energy_points, "budget_steps": params.budget_steps}
        metrics |= quality(model, truth, params) | budget(model, params)
    else:
        metrics |= quality(model, truth, params)
        say_left_out("fraction inside, energy distance and the error budget")

    write_frame("plots/schedules.csv", schedule_table(model.schedule, params.fast))
    write_frame("plots/samplers.csv", errors)
    write_metrics("metrics/details/samplers.json", metrics)
    write_headline(
        "metrics/samplers.json",
        metrics,
        inside="inside_matched_denoised",
        std="std_matched_denoised",
        energy="energy_matched_denoised",
        rmse="fast_rmse",
    )
    print(
        f"best with {metrics['fast_evaluations']} evaluations: {metrics['fast_setting']}, "
        f"RMSE {metrics['fast_rmse']:.1e} to the flow's end points"
    )
    if "budget_all" in metrics:
        alone = (f"{source} {metrics[f'only_{source}']:.1e}" for source in SOURCES)
        print(
            f"energy distance of Algorithm 1: {metrics['budget_all']:.1e}; of true samples: "
            f"{metrics['null_low']:.1e} to {metrics['null_high']:.1e}; "
            f"of each source of error alone: {', '.join(alone)}"
        )


if __name__ == "__main__":
    run(main)
