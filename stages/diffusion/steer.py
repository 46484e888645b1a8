"""Make the trained model output (4, 5.5), far from the square, in many ways (exercise, bonus).

From ways that fail, over trivial ones, to the least noise that does it. Where noise is drawn, all
start from the same draw.
"""

from typing import Annotated

import torch
from pydantic import Field

from lab.core.artifacts import write_arrays, write_metrics, write_table
from lab.core.entry import run
from lab.core.headline import headline
from lab.core.params import Section, Seed, load
from lab.data.origin import say_left_out
from lab.data.truth import load_truth
from lab.training.progress import progress
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


@torch.no_grad()
def main() -> None:
    params = load("steer", Params)
    torch.set_num_threads(1)
    # 1e-6 from the target is beyond float32 where the flow stretches space a hundredfold
    denoiser = load_denoiser("models/diffusion.safetensors").double()
    target = torch.tensor([params.target], dtype=torch.float64)
    levels = denoiser.schedule.sigma(uniform_times(params.steps))
    sde, flow = Process(denoiser, levels), Process(denoiser, levels, eta=0.0)
    generator = torch.Generator().manual_seed(params.seed)
    noise = torch.randn(params.steps + 1, 2, generator=generator, dtype=torch.float64)

    start_there = torch.cat([target, noise[1:]])
    gradient_steps = descend(
        flow, noise, target, rate=params.adam_rate, iterations=params.adam_iterations
    )
    for found in progress(gradient_steps, total=params.adam_iterations, title="Adam"):
        by_adam = found
    inverted = invert(flow, target)
    for found in minimum_norm(flow, inverted, target, iterations=4):
        by_newton = found
    controls = minimum_norm(sde, hold(sde, target), target, iterations=params.iterations)
    for found in progress(controls, total=params.iterations, title="least noise"):
        least = found

    # name, the process, and the noise it is given
    ways = [
        ("a typical draw", sde, noise),
        ("start at the target", sde, start_there),
        ("Adam on the start", flow, by_adam),
        ("guidance", sde, sde.noise_of(guided(sde, noise, target, params.guidance))),
        ("replace x_0", sde, sde.noise_of(replace_denoised(sde, noise, target))),
        ("the last noise", sde, last_noise(sde, noise, target)),
        ("a straight line", sde, straight(sde, noise[:1], target)),
        ("stay at the target", sde, hold(sde, target)),
        ("invert the flow", flow, by_newton),
        ("the least noise", sde, least),
    ]
    paths = [process.run(given) for _, process, given in ways]
    rows = []
    for (name, process, given), path in zip(ways, paths, strict=True):
        spent = given if process.eta else given[:1]  # the flow uses no other
        norm, dimensions = float(spent.norm()), spent.numel()
        distance = float((path[-1:] - target).norm())
        rows.append((name, distance, norm, dimensions, log10_improbability(norm, dimensions)))

    write_arrays(
        "data/steer.npz",
        names=[name for name, _, _ in ways],
        paths=torch.stack(paths).numpy(),
        target=params.target,
    )
    header = ["way", "distance", "norm", "dimensions", "log10_probability"]
    write_table("data/steer.csv", header, rows)
    metrics = {
        "typical_distance": rows[0][1],
        "flow_norm": rows[-2][2],
        "least_norm": rows[-1][2],
        "least_distance": rows[-1][1],
    }
    truth = load_truth()
    if isinstance(truth, UniformBox):
        exact = Process(truth.denoiser, levels)
        for found in minimum_norm(exact, hold(exact, target), target, iterations=8):
            metrics["exact_least_norm"] = float(found.norm())
        log_p = truth.log_density(target, levels[-1])
        metrics["exact_sqrt_2_log_p"] = float((-2 * log_p).sqrt())
    else:
        say_left_out("the price with the exact denoiser")
    write_metrics("metrics/details/steer.json", metrics)
    write_metrics("metrics/steer.json", headline(metrics, norm="least_norm"))
    for name, distance, norm, _, log10_probability in rows:
        print(f"{name:<28} {distance:9.2e} away, norm {norm:7.1f}, 10^{log10_probability:.0f}")


if __name__ == "__main__":
    run(main)
