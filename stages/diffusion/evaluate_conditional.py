"""Class by class, how close the conditional model comes (exercise 2.2.2, conditional, question 5).

Classes are boxes, so each has its exact denoiser, and with it an excess loss. Samples are drawn
twice: from N(0, I), which suits no class (a class is not centred on 0, and narrower than the
square), and from the class's true marginal at t = 1, which leaves the network's own errors. The
truth of a class of the user's own points is those points.

The training loss gets the line that it cannot fall below, which training must not know.
"""

from typing import Annotated

import torch
from pydantic import ConfigDict, Field
from torch import Tensor

from lab.core.artifacts import read_arrays, write_arrays, write_metrics
from lab.core.entry import run
from lab.core.headline import headline
from lab.core.params import Section, Seed, load
from lab.data.class_truths import load_class_truths
from lab.data.curves import write_losses
from lab.data.origin import say_left_out
from lab.data.tables import read_table
from lab.data.truth import load_truth
from lab.training.progress import progress
from lookingglass.diffusion.borders import near_border, profile
from lookingglass.diffusion.denoiser import Denoiser
from lookingglass.diffusion.energy import energy_distance, null_band
from lookingglass.diffusion.excess import loss_and_excess
from lookingglass.diffusion.irreducible import irreducible_by_class
from lookingglass.diffusion.samplers import sample, uniform_times
from lookingglass.diffusion.schedule import Schedule
from lookingglass.diffusion.truth import PointCloud, UniformBox
from lookingglass.diffusion.weights import load_denoiser
from stages.diffusion.classes import load_regions

EDGES = torch.linspace(-0.2, 0.2, 41)  # of the bins of depth
BAND = 0.05  # what counts as near an inner border
PAIRED = 2000  # points of an energy distance, whose cost grows with their square


class Params(Section):
    seed: Seed
    draws: Annotated[int, Field(ge=1, le=1_000_000)]
    points: Annotated[int, Field(ge=2, le=100_000)]
    steps: Annotated[int, Field(ge=1, le=10_000)]
    null_draws: Annotated[int, Field(ge=2, le=10_000)]


class Training(Section):
    """What of the section `train_conditional` is part of what was to be learned."""

    model_config = ConfigDict(extra="ignore")

    label_dropout: Annotated[float, Field(ge=0, lt=1)]


def excess_loss(
    denoiser: Denoiser,
    schedule: Schedule,
    truth: UniformBox | PointCloud,
    label: Tensor | None,
    draws: int,
    generator: torch.Generator,
) -> float:
    sigma = schedule.sigma(torch.rand(draws, generator=generator))
    x_0 = truth.sample(draws, generator)
    return loss_and_excess(denoiser, truth, x_0, sigma, generator=generator, label=label)[1]


def main() -> None:
    params, regions = load("evaluate_conditional", Params), load_regions()
    label_dropout = load("train_conditional", Training).label_dropout
    curve = read_table("plots/train_conditional.csv", ["step", "loss"])
    torch.set_num_threads(1)
    denoiser = load_denoiser("models/conditional.safetensors")
    schedule, times = denoiser.schedule, uniform_times(params.steps)
    data = torch.from_numpy(read_arrays("data/points.npz")["points"])
    truth, truths = load_truth(), load_class_truths(regions)
    generator = torch.Generator().manual_seed(params.seed)
    n = params.points

    metrics: dict[str, float | int | str] = {}
    excesses: dict[int, float] = {}
    standard: list[Tensor] = []
    matched: list[Tensor] = []
    for i, law in progress(truths.items(), total=len(truths), title="measuring classes"):
        box = regions[i]
        label = torch.full((params.draws,), i)
        excesses[i] = excess_loss(denoiser, schedule, law, label, params.draws, generator)

        noise = torch.randn(n, 2, generator=generator)
        # the class's marginal at t = 1
        marginal = law.sample(n, generator) + schedule.sigma_max * noise
        for z, kept in ((noise, standard), (marginal, matched)):
            kept.append(
                sample(denoiser, schedule, z, times=times, solver="heun", label=label[:1].expand(n))
            )
        metrics |= {
            f"excess_{i}": excesses[i],
            f"inside_{i}": box.fraction_inside(standard[-1]),
            f"inside_matched_{i}": box.fraction_inside(matched[-1]),
        }
        if isinstance(truth, PointCloud):
            continue
        # what a perfect sampler ends with
        exact = box.sample(n, generator) + schedule.sigma_min * torch.randn(
            n, 2, generator=generator
        )
        few = min(n, PAIRED)
        _, chance = null_band(few, box, draws=params.null_draws, generator=generator)
        metrics |= {
            f"inside_exact_{i}": box.fraction_inside(exact),
            f"energy_{i}": energy_distance(standard[-1][:few], box),
            f"energy_matched_{i}": energy_distance(matched[-1][:few], box),
            f"energy_chance_{i}": chance,
        }
    metrics |= {
        "excess": sum(excesses.values()) / len(excesses),
        "bayes_loss": irreducible_by_class(
            truth,
            truths,
            schedule,
            label_dropout=label_dropout,
            draws=params.draws,
            seed=params.seed,
        ),
        "excess_no_class": excess_loss(denoiser, schedule, truth, None, params.draws, generator),
        "hardest": max(excesses, key=lambda i: excesses[i]),
    }
    write_losses("plots/conditional_loss.csv", curve, float(metrics["bayes_loss"]))
    density = torch.empty(0, len(EDGES) - 1)
    if isinstance(truth, UniformBox):
        samples = torch.stack(matched)  # (classes, n, 2)
        weight = torch.tensor([region.area for region in regions]).repeat_interleave(n)
        metrics |= {
            "border": near_border(samples.flatten(0, 1), weight, regions, BAND),
            "border_standard": near_border(torch.cat(standard), weight, regions, BAND),
            "border_data": near_border(data, torch.ones(len(data)), regions, BAND),
        }
        density = profile(samples, regions, EDGES)
    else:
        say_left_out("energy distance and the density at the borders")
    write_arrays(
        "data/evaluate_conditional.npz",
        depth=(EDGES[:-1] + EDGES[1:]).numpy() / 2,
        density=density.numpy(),
        sigma_0=schedule.sigma_min,
    )
    write_metrics("metrics/details/evaluate_conditional.json", metrics)
    write_metrics("metrics/evaluate_conditional.json", headline(metrics, excess_loss="excess"))
    print(
        f"excess loss {metrics['excess']:.2e} on average; hardest is class {metrics['hardest']} "
        f"with {max(excesses.values()):.2e}"
    )


if __name__ == "__main__":
    run(main)
