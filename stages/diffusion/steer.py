"""Make the trained model output (4, 5.5), far from the square, in many ways (exercise, bonus).

The ways range from failures and trivial ones to the least noise that reaches the target. Those that
draw noise all start from the same draw.
"""

from typing import Annotated

import pandas as pd
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
from lab.data.tables import write_frame
from lookingglass.diffusion.samplers import uniform_times
from lookingglass.diffusion.steering import (
    Process,
    descend,
    guided,
    hold,
    invert,
    last_noise,
    log10_improbability,
    minimum_norm,
    replace_denoised,
    straight,
)
from lookingglass.diffusion.truth import UniformBox
from lookingglass.diffusion.weights import load_denoiser

Coordinate = Annotated[float, Field(ge=-100, le=100)]


class Params(Section):
    seed: Seed
    target: Annotated[list[Coordinate], Field(min_length=2, max_length=2)]
    steps: Annotated[int, Field(ge=2, le=10_000)]
    adam_rate: Annotated[float, Field(gt=0, le=100)]
    adam_iterations: Annotated[int, Field(ge=1, le=10_000)]
    guidance: Annotated[float, Field(gt=0, le=100)]
    iterations: Annotated[int, Field(ge=4, le=1000)]


def find_noises(
    sde: Process, flow: Process, target: Tensor, params: Params
) -> dict[str, tuple[Process, Tensor]]:
    """Every way to the target: the process, and the noise, (times, 2), that it is given."""
    generator = torch.Generator().manual_seed(params.seed)
    noise = torch.randn(params.steps + 1, 2, generator=generator, dtype=torch.float64)
    on_start = descend(
        flow, noise, target, rate=params.adam_rate, iterations=params.adam_iterations
    )
    *_, by_adam = progress(on_start, total=params.adam_iterations, title="Adam")
    *_, by_newton = minimum_norm(flow, invert(flow, target), target, iterations=4)
    shrinking = minimum_norm(sde, hold(sde, target), target, iterations=params.iterations)
    *_, least = progress(shrinking, total=params.iterations, title="least noise")
    return {
        "a typical draw": (sde, noise),
        "start at the target": (sde, torch.cat([target, noise[1:]])),
        "Adam on the start": (flow, by_adam),
        "guidance": (sde, sde.noise_of(guided(sde, noise, target, params.guidance))),
        "replace x_0": (sde, sde.noise_of(replace_denoised(sde, noise, target))),
        "the last noise": (sde, last_noise(sde, noise, target)),
        "a straight line": (sde, straight(sde, noise[:1], target)),
        "stay at the target": (sde, hold(sde, target)),
        "invert the flow": (flow, by_newton),
        "the least noise": (sde, least),
    }


def price(process: Process, noise: Tensor) -> dict[str, float]:
    """The norm of the noise that the process uses, and how improbable such noise is."""
    used = noise if process.eta else noise[:1]  # the flow only uses the first
    norm, dimensions = float(used.norm()), used.numel()
    return {
        "norm": norm,
        "dimensions": dimensions,
        "log10_probability": log10_improbability(norm, dimensions),
    }


def exact_price(exact: Process, truth: UniformBox, target: Tensor) -> dict[str, float]:
    """The least norm with the exact denoiser, and the sqrt(-2 log p) that it is close to."""
    *_, least = minimum_norm(exact, hold(exact, target), target, iterations=8)
    log_p = truth.log_density(target, exact.sigmas[-1])
    return {
        "exact_least_norm": float(least.norm()),
        "exact_sqrt_2_log_p": float((-2 * log_p).sqrt()),
    }


@torch.no_grad()
def main() -> None:
    params, truth = load("steer", Params), load_truth()
    torch.set_num_threads(1)
    # float32 cannot come within 1e-6 of the target where the flow stretches space a hundredfold
    denoiser = load_denoiser("models/diffusion.safetensors").double()
    target = torch.tensor([params.target], dtype=torch.float64)
    sigmas = denoiser.schedule.sigma(uniform_times(params.steps))
    sde, flow = Process(denoiser, sigmas), Process(denoiser, sigmas, eta=0.0)

    ways = find_noises(sde, flow, target, params)
    paths = {name: process.run(noise) for name, (process, noise) in ways.items()}
    table = pd.DataFrame(
        {
            "way": name,
            "distance": float((paths[name][-1:] - target).norm()),
            **price(process, noise),
        }
        for name, (process, noise) in ways.items()
    )
    by_name = table.set_index("way")
    metrics = {
        "typical_distance": by_name.distance["a typical draw"],
        "flow_norm": by_name.norm["invert the flow"],
        "least_norm": by_name.norm["the least noise"],
        "least_distance": by_name.distance["the least noise"],
    }
    if isinstance(truth, UniformBox):
        metrics |= exact_price(Process(truth.denoiser, sigmas), truth, target)
    else:
        say_left_out("the price with the exact denoiser")

    write_arrays(
        "data/steer.npz",
        names=list(ways),
        paths=torch.stack(list(paths.values())).numpy(),
        target=params.target,
    )
    write_frame("data/steer.csv", table)
    write_metrics("metrics/details/steer.json", metrics)
    write_headline("metrics/steer.json", metrics, norm="least_norm")
    for row in table.to_dict("records"):
        print(
            f"{row['way']:<20} {row['distance']:9.2e} from the target, norm {row['norm']:7.1f}, "
            f"probability 10^{round(row['log10_probability'])}"
        )


if __name__ == "__main__":
    run(main)
