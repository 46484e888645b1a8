"""Where the trained denoiser's excess loss comes from (exercise 2.2.2, unconditional, question 2).

Three networks of the same shape are compared, each without one more source of error: the trained
one, one that got all that the square's symmetries give (train_symmetric), and one that saw new
points in every step (train_fresh). The differences of their excess losses are what the training
leaves, what finitely many points leave, and what the network cannot do. They add up to the excess
loss of the trained network.
"""

import torch
from torch import Tensor

from lab.core.artifacts import write_metrics, write_table
from lab.core.entry import run
from lab.core.params import Count, Section, Seed, load
from lab.data.origin import of_square, say_left_out
from lookingglass.diffusion.denoiser import Denoiser, Sigma
from lookingglass.diffusion.excess import mean_loss_and_excess
from lookingglass.diffusion.schedule import Schedule
from lookingglass.diffusion.symmetry import symmetrised
from lookingglass.diffusion.truth import SQUARE
from lookingglass.diffusion.weights import Network, load_denoiser


class Params(Section):
    seed: Seed
    draws: Count


def excess(denoiser: Denoiser, schedule: Schedule, params: Params) -> float:
    """The excess loss per dimension; all denoisers get the same draws."""
    generator = torch.Generator().manual_seed(params.seed)
    return mean_loss_and_excess(
        denoiser, SQUARE, schedule, draws=params.draws, generator=generator
    )[1]


def measure(
    *, trained: Network, symmetric: Network, fresh: Network, params: Params
) -> dict[str, float]:
    """The excess loss of each network, and of the trained one averaged over the symmetries."""

    def averaged(x: Tensor, sigma: Sigma, label: Tensor | None = None) -> Tensor:
        return symmetrised(lambda image: trained(image, sigma), x)

    denoisers: dict[str, Denoiser] = {
        "trained": trained,
        "averaged": averaged,
        "symmetric": symmetric,
        "fresh": fresh,
    }
    return {name: excess(each, trained.schedule, params) for name, each in denoisers.items()}


def take_apart(measured: dict[str, float]) -> dict[str, float]:
    """The part of the trained network's excess loss that is due to each source."""
    return {
        "training": measured["trained"] - measured["symmetric"],
        "finite data": measured["symmetric"] - measured["fresh"],
        "network": measured["fresh"],
    }


def main() -> None:
    params, measured = load("excess_sources", Params), dict[str, float]()
    torch.set_num_threads(1)
    if of_square():
        measured = measure(
            trained=load_denoiser("models/diffusion.safetensors"),
            symmetric=load_denoiser("models/symmetric.safetensors"),
            fresh=load_denoiser("models/fresh.safetensors"),
            params=params,
        )
    else:
        say_left_out("where the excess loss comes from")
    parts = take_apart(measured) if measured else {}
    write_table("plots/excess_sources.csv", ["source", "excess"], parts.items())
    write_metrics("metrics/details/excess_sources.json", measured)
    for source, part in parts.items():
        print(f"{source:<12} {part:.2e}")


if __name__ == "__main__":
    run(main)
