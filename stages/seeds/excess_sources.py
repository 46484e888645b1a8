"""Where the excess loss comes from, with another seed of all three trainings: headline numbers."""

import torch

from lab.core.artifacts import read_arrays
from lab.core.entry import run
from lab.core.params import load
from lab.data.origin import of_square, say_left_out
from lab.data.schedule import load_schedule
from lab.seeds.seeds import asked_seed, write_result
from lab.training.device import pick_device
from lab.training.diffusion import Shape
from lookingglass.diffusion.weights import dump_denoiser, load_denoiser
from stages.diffusion import excess_sources, train_diffusion, train_fresh, train_symmetric


def measure(seed: int) -> dict[str, float]:
    """The excess loss of each network; all are trained with this seed."""
    finite = load("train_diffusion", train_diffusion.Params).model_copy(update={"seed": seed})
    known = load("train_symmetric", train_symmetric.Params).model_copy(update={"seed": seed})
    endless = load("train_fresh", train_fresh.Params).model_copy(update={"seed": seed})
    points = torch.from_numpy(read_arrays("data/points.npz")["points"])
    shape, schedule, device = load("train_diffusion", Shape), load_schedule(), pick_device()
    trained, _ = train_diffusion.train_denoiser(finite, points, schedule, device)
    symmetric, _ = train_symmetric.train_denoiser(known, shape, points, schedule, device)
    fresh, _ = train_fresh.train_denoiser(endless, shape, schedule, device)
    return excess_sources.measure(  # as from the files that other stages read
        trained=load_denoiser(dump_denoiser(trained)),
        symmetric=load_denoiser(dump_denoiser(symmetric)),
        fresh=load_denoiser(dump_denoiser(fresh)),
        params=load("excess_sources", excess_sources.Params),
    )


def main() -> None:
    seed, measured = asked_seed(), dict[str, float]()
    if of_square():
        measured = measure(seed)
    else:
        say_left_out("where the excess loss comes from")
    write_result("excess_sources", seed, measured)


if __name__ == "__main__":
    run(main)
