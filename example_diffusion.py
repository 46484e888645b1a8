"""Sample points from the diffusion model, and draw them.

Run as it is, it uses the trained weights that come with the repository. With --train it first
trains the same model from scratch, with the recipe of params.yaml.
"""

import lab.core.numerics  # noqa: F401  # isort: skip

import argparse
import os
import time
from collections.abc import Callable
from pathlib import Path

import torch
from matplotlib.axes import Axes
from torch import Tensor

from lab.core.entry import run
from lab.core.params import load
from lab.data.schedule import load_schedule
from lab.drawing.style import MODEL, draw_plane, draw_square, new_figure
from lab.example import new_parser, read_weights, whole_number
from lab.training.device import pick_device
from lab.training.progress import progress
from lookingglass.diffusion.excess import loss_and_excess
from lookingglass.diffusion.network import EdgeNetwork
from lookingglass.diffusion.samplers import flow, uniform_times
from lookingglass.diffusion.solvers import SOLVERS
from lookingglass.diffusion.truth import SQUARE
from lookingglass.diffusion.weights import Network, load_denoiser
from stages.diffusion import points, train_diffusion

WEIGHTS = "models/diffusion.safetensors"
PICTURES = (".png", ".svg", ".pdf")


def train_weights(device: torch.device) -> EdgeNetwork:
    """Train as the stages `points` and `train_diffusion` do."""
    x_0 = points.prepare(load("points", points.Params)).points
    recipe = load("train_diffusion", train_diffusion.Params)
    denoiser, _ = train_diffusion.train_denoiser(recipe, x_0, load_schedule(), device)
    return denoiser


def excess_loss(denoiser: Network, draws: int = 50_000) -> float:
    """How much worse than the exact denoiser, per dimension (see evaluate_diffusion)."""
    generator = torch.Generator().manual_seed(0)
    x_0 = SQUARE.sample(draws, generator)
    sigma = denoiser.schedule.sigma(torch.rand(draws, generator=generator))
    return loss_and_excess(denoiser, SQUARE, x_0, sigma, generator=generator)[1]


def draw(samples: Tensor, path: Path, outline: Callable[[Axes, float], None]) -> None:
    """Scatter the samples over the outline of the square, if they are to fill it."""
    figure = new_figure(height=1.0)
    axes = figure.subplots()
    x, y = samples.T.numpy()
    axes.scatter(x, y, s=4, color=MODEL, linewidths=0)
    outline(axes, 1.5)
    figure.savefig(path)


def picture(text: str) -> Path:
    """A parser of file names for pictures: refused now rather than after the work."""
    path = Path(text).absolute()
    if path.suffix.lower() not in PICTURES:
        raise argparse.ArgumentTypeError(f"{text!r}: must end in {', '.join(PICTURES)}")
    if not path.parent.is_dir():
        raise argparse.ArgumentTypeError(f"{text!r}: there is no folder {path.parent}")
    return path


def parse_arguments() -> argparse.Namespace:
    """The command line."""
    parser = new_parser(__doc__)
    add = parser.add_argument
    add("--train", action="store_true", help="train from scratch first (about 10 seconds)")
    add("--seed", type=whole_number(0, 2**63 - 1), default=0, help="of the input noise (0)")
    add("--points", type=whole_number(1, 1_000_000), default=1000, help="how many (1000)")
    add("--steps", type=whole_number(1, 100_000), default=1000, help="T (1000)")
    add("--solver", choices=sorted(SOLVERS), default="euler", help="euler is Algorithm 1 (euler)")
    add("--output", type=picture, default="diffusion.png", help="picture (diffusion.png)")
    return parser.parse_args()


@torch.no_grad()
def main() -> None:
    """Load or train, sample, draw."""
    arguments = parse_arguments()
    os.chdir(Path(__file__).parent)  # where params.yaml and the weights are
    torch.set_num_threads(1)
    device = pick_device()

    start = time.perf_counter()
    denoiser: Network
    if arguments.train:
        with torch.enable_grad():
            denoiser = train_weights(device)
        print(f"trained   {load('train_diffusion', train_diffusion.Params).steps} steps, ", end="")
    else:
        denoiser = read_weights(WEIGHTS, load_denoiser)
        print(f"loaded    {WEIGHTS}, ", end="")
    size = sum(parameter.numel() for parameter in denoiser.parameters())
    print(f"{size} weights, {time.perf_counter() - start:.1f} s")
    # of points of your own (points.file) the truth is not known
    square = load("points", points.Params).of_square
    if square:
        floor = SQUARE.bayes_loss(denoiser.schedule)
        print(f"quality   excess loss {excess_loss(denoiser):.2e} over the irreducible {floor:.4f}")

    start = time.perf_counter()
    generator = torch.Generator().manual_seed(arguments.seed)
    z = torch.randn(arguments.points, 2, generator=generator)
    states = flow(
        denoiser.to(device),
        denoiser.schedule,
        z.to(device),
        times=uniform_times(arguments.steps),
        solver=arguments.solver,
    )
    for x in progress(states, total=arguments.steps + 1, title="sampling"):
        samples = x.cpu()
    seconds = time.perf_counter() - start
    print(
        f"sampled   {arguments.points} points, {arguments.steps} steps of {arguments.solver}, "
        f"{seconds:.1f} s: "
        + (f"{SQUARE.fraction_inside(samples):.1%} inside the square, " if square else "")
        + f"standard deviation {samples.std():.3f}"
        + (" (the square's: 0.577)" if square else "")
    )
    draw(samples, arguments.output, draw_square if square else draw_plane)
    print(f"picture   {arguments.output}")


if __name__ == "__main__":
    run(main)
