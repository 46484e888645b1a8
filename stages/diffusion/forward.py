"""The forward process of one point (exercise 2.2.2, unconditional, question 1)."""

from typing import Annotated

import torch
from pydantic import Field

from lab.core.artifacts import write_arrays
from lab.core.entry import run
from lab.core.params import Section, Seed, load
from lab.data.schedule import load_schedule
from lookingglass.diffusion.forward import marginal, simulate

Coordinate = Annotated[float, Field(ge=-100, le=100)]


class Params(Section):
    seed: Seed
    point: Annotated[list[Coordinate], Field(min_length=2, max_length=2)]
    steps: Annotated[int, Field(ge=1, le=100_000)]


def main() -> None:
    params, schedule = load("forward", Params), load_schedule()
    generator = torch.Generator().manual_seed(params.seed)
    x_0 = torch.tensor([params.point])
    times = torch.linspace(0, 1, params.steps + 1)
    walk = simulate(x_0, schedule, times, generator)[:, 0]  # (times, 2)
    draws = marginal(x_0, schedule, times, generator)[:, 0]
    write_arrays(
        "data/forward.npz",
        start=x_0[0].numpy(),
        times=times.numpy(),
        walk=walk.numpy(),
        draws=draws.numpy(),
    )
    print(f"{params.point} noised in {params.steps} steps -> data/forward.npz")


if __name__ == "__main__":
    run(main)
