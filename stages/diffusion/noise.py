"""The same noise ten times (exercise 2.2.2, unconditional, question 6).

The sampler of Algorithm 1 is deterministic: the same noise ends at the same point. The reverse SDE
adds noise at every step, and ends elsewhere each time, with the same distribution.
"""

from typing import Annotated

import torch
from pydantic import Field

from lab.core.artifacts import write_arrays, write_metrics
from lab.core.entry import run
from lab.core.headline import headline
from lab.core.params import Section, Seed, load
from lab.data.origin import say_left_out
from lab.data.truth import draw_of, load_truth
from lab.training.progress import progress
from lookingglass.diffusion.energy import energy_distance, null_band
from lookingglass.diffusion.samplers import sample, uniform_times
from lookingglass.diffusion.truth import UniformBox
from lookingglass.diffusion.weights import load_denoiser

REPEATS = 10
PATHS = 4


class Params(Section):
    seed: Seed
    inputs: Annotated[int, Field(ge=PATHS, le=1000)]
    steps: Annotated[int, Field(ge=1, le=100_000)]
    eta: Annotated[float, Field(gt=0, le=1)]
    law_points: Annotated[int, Field(ge=1, le=20_000)]
    null_draws: Annotated[int, Field(ge=2, le=10_000)]


def main() -> None:
    params = load("noise", Params)
    torch.set_num_threads(1)
    denoiser = load_denoiser("models/diffusion.safetensors")
    generator = torch.Generator().manual_seed(params.seed)
    times = uniform_times(params.steps)
    z = torch.randn(params.inputs, 2, generator=generator)

    ends: dict[float, list[torch.Tensor]] = {0.0: [], params.eta: []}
    for _ in progress(range(REPEATS), total=REPEATS, title="the same noise again"):
        for eta, outputs in ends.items():
            x = sample(denoiser, denoiser.schedule, z, times=times, eta=eta, generator=generator)
            outputs.append(x)
    same, different = (torch.stack(outputs) for outputs in ends.values())

    paths = [
        sample(
            denoiser,
            denoiser.schedule,
            z[:PATHS],
            times=times,
            eta=eta,
            generator=generator,
            trajectory=True,
        )
        for eta in ends
    ]
    write_arrays(
        "data/noise.npz",
        noise=z.numpy(),
        same=same.numpy(),
        different=different.numpy(),
        straight=paths[0].numpy(),
        wandering=paths[1].numpy(),
    )

    # many points, from noise with the data's own variance at t = 1, to compare the distributions
    truth = load_truth()
    start = torch.randn(params.law_points, 2, generator=generator)
    start = draw_of("matched", start, truth, denoiser.schedule)
    metrics = {
        "largest_difference": float((same - same[0]).abs().max()),
        "spread": float(different.std(dim=0).mean()),
    }
    for name, eta in (("deterministic", 0.0), ("stochastic", params.eta)):
        x = sample(denoiser, denoiser.schedule, start, times=times, eta=eta, generator=generator)
        metrics[f"{name}_std"] = float(x.std())
        if isinstance(truth, UniformBox):
            metrics[f"{name}_inside"] = truth.fraction_inside(x)
            metrics[f"{name}_energy"] = energy_distance(x, truth)
    if isinstance(truth, UniformBox):
        metrics["null_low"], metrics["null_high"] = null_band(
            params.law_points, truth, draws=params.null_draws, generator=generator
        )
    else:
        say_left_out("fraction inside and energy distance")
    write_metrics("metrics/details/noise.json", metrics)
    write_metrics(
        "metrics/noise.json",
        headline(
            metrics, inside="stochastic_inside", std="stochastic_std", energy="stochastic_energy"
        ),
    )
    print(f"largest difference of {REPEATS} outputs: {metrics['largest_difference']}")
    print(f"by the reverse SDE their standard deviation is {metrics['spread']:.3g}")
    if "null_low" in metrics:
        print(
            f"energy distance of its samples {metrics['stochastic_energy']:.1e}, of true ones "
            f"{metrics['null_low']:.1e} to {metrics['null_high']:.1e}"
        )


if __name__ == "__main__":
    run(main)
