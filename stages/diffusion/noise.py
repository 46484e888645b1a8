"""The same noise ten times (exercise 2.2.2, unconditional, question 6).

Algorithm 1 is deterministic: the same noise ends at the same point. The reverse SDE adds noise in
every step, so it ends elsewhere each time, but its samples have the same distribution.
"""

from functools import partial
from typing import Annotated

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
from lookingglass.diffusion.energy import energy_distance, null_band
from lookingglass.diffusion.samplers import sample, uniform_times
from lookingglass.diffusion.truth import PointCloud, UniformBox
from lookingglass.diffusion.weights import Network, load_denoiser

REPEATS = 10
TRAJECTORIES = 4


class Params(Section):
    seed: Seed
    inputs: Annotated[int, Field(ge=TRAJECTORIES, le=1000)]
    steps: Annotated[int, Field(ge=1, le=100_000)]
    eta: Annotated[float, Field(gt=0, le=1)]
    distribution_points: Annotated[int, Field(ge=1, le=20_000)]
    null_draws: Annotated[int, Field(ge=2, le=10_000)]


def same_noise(denoiser: Network, params: Params, generator: torch.Generator) -> dict[str, Tensor]:
    """Outputs of the ODE ("same") and of the SDE ("different"), and trajectories of both."""
    z = torch.randn(params.inputs, 2, generator=generator)
    times = uniform_times(params.steps)
    ode = partial(sample, denoiser, denoiser.schedule, times=times)
    sde = partial(ode, eta=params.eta, generator=generator)
    repeats = progress(range(REPEATS), total=REPEATS, title="the same noise again")
    outputs = [(ode(z), sde(z)) for _ in repeats]
    same, different = (torch.stack(x) for x in zip(*outputs, strict=True))
    return {
        "noise": z,
        "same": same,  # (repeats, inputs, 2)
        "different": different,
        "straight": ode(z[:TRAJECTORIES], trajectory=True),  # (times, inputs, 2)
        "wandering": sde(z[:TRAJECTORIES], trajectory=True),
    }


def distributions(
    denoiser: Network, truth: UniformBox | PointCloud, params: Params, generator: torch.Generator
) -> dict[str, float]:
    """How close samples of the ODE and of the SDE, from the matched prior, come to the truth."""
    n, schedule, times = params.distribution_points, denoiser.schedule, uniform_times(params.steps)
    z = truth.prior_at(schedule).transform(torch.randn(n, 2, generator=generator))
    measured = {}
    for name, eta in (("deterministic", 0.0), ("stochastic", params.eta)):
        x = sample(denoiser, schedule, z, times=times, eta=eta, generator=generator)
        measured[f"{name}_std"] = float(x.std())
        if isinstance(truth, UniformBox):
            measured[f"{name}_inside"] = truth.fraction_inside(x)
            measured[f"{name}_energy"] = energy_distance(x, truth)
    if isinstance(truth, UniformBox):
        low, high = null_band(n, truth, draws=params.null_draws, generator=generator)
        measured |= {"null_low": low, "null_high": high}
    else:
        say_left_out("fraction inside and energy distance")
    return measured


def main() -> None:
    params, truth = load("noise", Params), load_truth()
    torch.set_num_threads(1)
    denoiser = load_denoiser("models/diffusion.safetensors")
    generator = torch.Generator().manual_seed(params.seed)

    x = same_noise(denoiser, params, generator)
    metrics = {
        "largest_difference": float((x["same"] - x["same"][0]).abs().max()),
        "spread": float(x["different"].std(dim=0).mean()),
        **distributions(denoiser, truth, params, generator),
    }

    write_arrays("data/noise.npz", **{name: array.numpy() for name, array in x.items()})
    write_metrics("metrics/details/noise.json", metrics)
    write_headline(
        "metrics/noise.json",
        metrics,
        inside="stochastic_inside",
        std="stochastic_std",
        energy="stochastic_energy",
    )
    print(f"ODE: {REPEATS} outputs differ by at most {metrics['largest_difference']}")
    print(f"reverse SDE: standard deviation of {REPEATS} outputs {metrics['spread']:.3g}")
    if "null_low" in metrics:
        print(
            f"energy distance of its samples {metrics['stochastic_energy']:.1e}, of true samples "
            f"{metrics['null_low']:.1e} to {metrics['null_high']:.1e}"
        )


if __name__ == "__main__":
    run(main)
