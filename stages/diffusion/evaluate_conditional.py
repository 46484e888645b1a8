"""How close the conditional model comes, by class (exercise 2.2.2, conditional, question 5).

Each class is a box, so its exact denoiser is known, and with it the network's excess loss. Samples
start from N(0, I), which is no class's matched prior (a class is not centred on 0, and is narrower
than the square), and from the class's true marginal at t = 1, which leaves only the network's own
errors. The truth of a class of your own points is those points.

This stage also compares the training loss with the irreducible loss, which the training stage does
not know.
"""

from dataclasses import dataclass
from typing import Annotated

import torch
from pydantic import ConfigDict, Field
from torch import Tensor

from lab.core.artifacts import read_arrays, write_arrays, write_metrics
from lab.core.entry import run
from lab.core.headline import write_headline
from lab.core.params import Section, Seed, load
from lab.core.progress import progress
from lab.data.class_truths import load_class_truths
from lab.data.curves import write_losses
from lab.data.ground_truth import load_truth
from lab.data.origin import say_left_out
from lab.data.tables import read_table
from lookingglass.diffusion.borders import near_border, profile
from lookingglass.diffusion.energy import energy_distance, null_band
from lookingglass.diffusion.excess import loss_and_excess
from lookingglass.diffusion.irreducible import irreducible_by_class
from lookingglass.diffusion.samplers import sample, uniform_times
from lookingglass.diffusion.truth import PointCloud, UniformBox
from lookingglass.diffusion.weights import Network, load_denoiser
from stages.diffusion.classes import load_regions

EDGES = torch.linspace(-0.2, 0.2, 41)  # of the bins of depth
BAND = 0.05  # the distance that counts as near an inner border
PAIRED = 2000  # points of an energy distance, whose cost is quadratic


class Params(Section):
    seed: Seed
    draws: Annotated[int, Field(ge=1, le=1_000_000)]
    points: Annotated[int, Field(ge=2, le=100_000)]
    steps: Annotated[int, Field(ge=1, le=10_000)]
    null_draws: Annotated[int, Field(ge=2, le=10_000)]


class Training(Section):
    """The part of the section `train_conditional` that the irreducible loss depends on."""

    model_config = ConfigDict(extra="ignore")

    label_dropout: Annotated[float, Field(ge=0, lt=1)]


@dataclass(frozen=True)
class ClassResult:
    """The measurements of one class, and its samples, (n, 2)."""

    metrics: dict[str, float]
    standard: Tensor  # from N(0, I)
    matched: Tensor  # from the class's true marginal at t = 1


def excess_loss(
    denoiser: Network,
    truth: UniformBox | PointCloud,
    label: Tensor | None,
    draws: int,
    generator: torch.Generator,
) -> float:
    """The excess loss, per dimension, on newly drawn points of a class, or of all (label None)."""
    sigma = denoiser.schedule.sigma(torch.rand(draws, generator=generator))
    x_0 = truth.sample(draws, generator)
    return loss_and_excess(denoiser, truth, x_0, sigma, generator=generator, label=label)[1]


def evaluate_class(
    denoiser: Network,
    number: int,
    truth: UniformBox | PointCloud,
    region: UniformBox,
    params: Params,
    generator: torch.Generator,
) -> ClassResult:
    """The excess loss of one class, and how close its samples come to its region and truth."""
    label = torch.full((params.draws,), number)
    metrics = {"excess": excess_loss(denoiser, truth, label, params.draws, generator)}

    schedule, n = denoiser.schedule, params.points
    noise = torch.randn(n, 2, generator=generator)
    marginal = truth.sample(n, generator) + schedule.sigma_max * noise  # at t = 1
    times, label = uniform_times(params.steps), torch.full((n,), number)
    standard, matched = (
        sample(denoiser, schedule, z, times=times, solver="heun", label=label)
        for z in (noise, marginal)
    )
    metrics |= {
        "inside": region.fraction_inside(standard),
        "inside_matched": region.fraction_inside(matched),
    }
    if isinstance(truth, UniformBox):
        x_0, noise = truth.sample(n, generator), torch.randn(n, 2, generator=generator)
        few = min(n, PAIRED)
        _, chance = null_band(few, truth, draws=params.null_draws, generator=generator)
        metrics |= {
            "inside_exact": truth.fraction_inside(x_0 + schedule.sigma_min * noise),
            "energy": energy_distance(standard[:few], truth),
            "energy_matched": energy_distance(matched[:few], truth),
            "energy_chance": chance,
        }
    return ClassResult(metrics, standard, matched)


def evaluate_classes(
    denoiser: Network,
    truths: dict[int, UniformBox | PointCloud],
    regions: list[UniformBox],
    params: Params,
    generator: torch.Generator,
) -> dict[int, ClassResult]:
    """The measurements of each class, by its number."""
    return {
        i: evaluate_class(denoiser, i, truth, regions[i], params, generator)
        for i, truth in progress(truths.items(), total=len(truths), title="classes")
    }


def mean_excess(results: dict[int, ClassResult]) -> float:
    """The excess loss, per dimension: the mean over the classes."""
    return sum(result.metrics["excess"] for result in results.values()) / len(results)


def summarise(
    results: dict[int, ClassResult], bayes_loss: float, excess_no_class: float
) -> dict[str, float]:
    """Every measurement of every class, and those of all classes together."""
    each = {
        f"{name}_{i}": value
        for i, result in results.items()
        for name, value in result.metrics.items()
    }
    excess = {i: result.metrics["excess"] for i, result in results.items()}
    return each | {
        "excess": mean_excess(results),
        "bayes_loss": bayes_loss,
        "excess_no_class": excess_no_class,
        "hardest": max(excess, key=lambda i: excess[i]),
    }


def border_densities(
    standard: Tensor, matched: Tensor, data: Tensor, regions: list[UniformBox]
) -> dict[str, float]:
    """The density near the inner borders; standard and matched are samples, (classes, n, 2)."""
    weight = torch.tensor([region.area for region in regions]).repeat_interleave(matched.shape[1])
    return {
        "border": near_border(matched.flatten(0, 1), weight, regions, BAND),
        "border_standard": near_border(standard.flatten(0, 1), weight, regions, BAND),
        "border_data": near_border(data, torch.ones(len(data)), regions, BAND),
    }


def main() -> None:
    params, regions = load("evaluate_conditional", Params), load_regions()
    label_dropout = load("train_conditional", Training).label_dropout
    curve = read_table("plots/train_conditional.csv", ["step", "loss"])
    data = torch.from_numpy(read_arrays("data/points.npz")["points"])
    truth, truths = load_truth(), load_class_truths(regions)
    torch.set_num_threads(1)
    denoiser = load_denoiser("models/conditional.safetensors")
    generator = torch.Generator().manual_seed(params.seed)

    results = evaluate_classes(denoiser, truths, regions, params, generator)
    bayes_loss = irreducible_by_class(
        truth,
        truths,
        denoiser.schedule,
        label_dropout=label_dropout,
        draws=params.draws,
        seed=params.seed,
    )
    excess_no_class = excess_loss(denoiser, truth, None, params.draws, generator)
    metrics = summarise(results, bayes_loss, excess_no_class)
    density = torch.empty(0, len(EDGES) - 1)
    if isinstance(truth, UniformBox):
        standard = torch.stack([result.standard for result in results.values()])
        matched = torch.stack([result.matched for result in results.values()])
        metrics |= border_densities(standard, matched, data, regions)
        density = profile(matched, regions, EDGES)
    else:
        say_left_out("energy distance and the density at the borders")

    write_losses("plots/conditional_loss.csv", curve, bayes_loss)
    write_arrays(
        "data/evaluate_conditional.npz",
        depth=(EDGES[:-1] + EDGES[1:]).numpy() / 2,
        density=density.numpy(),
        sigma_0=denoiser.schedule.sigma_min,
    )
    write_metrics("metrics/details/evaluate_conditional.json", metrics)
    write_headline("metrics/evaluate_conditional.json", metrics, excess_loss="excess")
    print(
        f"excess loss {metrics['excess']:.2e} on average; hardest is class {metrics['hardest']} "
        f"with {max(result.metrics['excess'] for result in results.values()):.2e}"
    )


if __name__ == "__main__":
    run(main)
