"""Sample points from the diffusion model, and draw them.

Run as it is, it uses the trained weights that come with the repository. With --train it first
trains the same model from scratch, with the recipe of params.yaml.
"""

import lab.core.numerics  # noqa: F401  # isort: skip

import os
import time
from pathlib import Path

import torch

from lab.core.entry import run
from lab.core.params import read
from lab.core.progress import progress
from lab.data.points import load_points
from lab.drawing.style import MODEL, draw_plane, draw_square, new_figure
from lab.example import checked_params, new_parser, picture, read_weights, whole_number
from lab.training.device import pick_device
from lookingglass.diffusion.excess import mean_loss_and_excess
from lookingglass.diffusion.network import EdgeNetwork
from lookingglass.diffusion.samplers import flow, uniform_times
from lookingglass.diffusion.schedule import ExponentialSchedule
from lookingglass.diffusion.solvers import SOLVERS
from lookingglass.diffusion.training import train
from lookingglass.diffusion.truth import SQUARE
from lookingglass.diffusion.weights import Network, load_denoiser

WEIGHTS = "models/diffusion.safetensors"


def train_denoiser(device: torch.device) -> EdgeNetwork:
    """The denoiser as the pipeline trains it."""
    params = checked_params()
    recipe = dict(params["train_diffusion"])
    generator = torch.Generator().manual_seed(recipe.pop("seed"))
    points = load_points(**params["points"]).points
    schedule = ExponentialSchedule(params["schedule"]["rate"])
    shape = {name: recipe.pop(name) for name in ("width", "layers", "symmetric")}
    std = float(points.square().mean().sqrt())
    network = EdgeNetwork(schedule, data_std=std, **shape, generator=generator).to(device)
    states = train(network, points.to(device), schedule, **recipe, generator=generator)
    for state in progress(states, total=recipe["steps"], title="training"):
        denoiser = state.denoiser
    print(f"trained   {state.step} steps, ", end="")
    return denoiser.cpu().requires_grad_(False)


def main() -> None:
    """Load or train, sample, draw."""
    parser = new_parser(__doc__)
    add = parser.add_argument
    add("--points", type=whole_number(1, 1_000_000), default=1000, help="how many (1000)")
    add("--steps", type=whole_number(1, 100_000), default=1000, help="T (1000)")
    add("--solver", choices=sorted(SOLVERS), default="euler", help="euler is Algorithm 1 (euler)")
    add("--output", type=picture, default="diffusion.png", help="picture (diffusion.png)")
    arguments = parser.parse_args()
    os.chdir(Path(__file__).parent)  # where params.yaml and the weights are
    torch.set_num_threads(1)
    device, start = pick_device(), time.perf_counter()
    square = read()["points"]["file"].endswith(".toml")  # the truth of your own points is unknown

    if arguments.train:
        denoiser: Network = train_denoiser(device)
    else:
        denoiser = read_weights(WEIGHTS, load_denoiser)
        print(f"loaded    {WEIGHTS}, ", end="")
    size, schedule = sum(p.numel() for p in denoiser.parameters()), denoiser.schedule
    print(f"{size} weights, {time.perf_counter() - start:.1f} s")
    if square:
        seeded = torch.Generator().manual_seed(0)
        _, excess = mean_loss_and_excess(denoiser, SQUARE, schedule, draws=50_000, generator=seeded)
        floor = SQUARE.bayes_loss(schedule)
        print(f"quality   excess loss {excess:.2e} over the irreducible {floor:.4f}")

    start = time.perf_counter()
    z = torch.randn(arguments.points, 2, generator=torch.Generator().manual_seed(arguments.seed))
    times, solver = uniform_times(arguments.steps), arguments.solver
    states = flow(denoiser.to(device), schedule, z.to(device), times=times, solver=solver)
    for x in progress(states, total=len(times), title="sampling"):
        samples = x.cpu()
    seconds = f"{time.perf_counter() - start:.1f} s"
    print(f"sampled   {len(z)} points, {arguments.steps} steps of {solver}, {seconds}: ", end="")
    if square:
        print(f"{SQUARE.fraction_inside(samples):.1%} inside the square, ", end="")
    print(f"standard deviation {samples.std():.3f}" + " (the square's: 0.577)" * square)

    figure = new_figure(height=1.0)
    axes = figure.subplots()
    axes.scatter(samples[:, 0], samples[:, 1], s=4, color=MODEL, linewidths=0)
    (draw_square if square else draw_plane)(axes, 1.5)
    figure.savefig(arguments.output)
    print(f"picture   {arguments.output}")


if __name__ == "__main__":
    run(main)
