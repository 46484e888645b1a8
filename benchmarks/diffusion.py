"""Compare our training and sampling of points in the square with smalldiffusion's, as ratios.

Both take turns in one process, so that other load on the machine slows both alike, and times are
processor times. Quality is measured against the exact truth. Prints a table and writes
its section of docs/benchmarks.md. Needs the extra `benchmark`:
python -m pip install -c constraints.txt -e ".[benchmark]"
"""

import lab.core.numerics  # noqa: F401  # isort: skip

import time
from collections import deque
from collections.abc import Callable
from importlib.metadata import version
from itertools import islice
from statistics import median
from typing import TypeVar

import torch
from torch import Tensor

from benchmarks.document import Row, machine, table, write_section
from benchmarks.peer_diffusion import HIDDEN, LEVELS, Peer, PeerModel
from lab.core.entry import run
from lab.core.params import load
from lab.data.schedule import load_schedule
from lab.example import plain_parser, whole_number
from lookingglass.diffusion.denoiser import Denoiser
from lookingglass.diffusion.energy import energy_distance, mean_pair_distance
from lookingglass.diffusion.excess import loss_and_excess
from lookingglass.diffusion.network import EdgeNetwork
from lookingglass.diffusion.samplers import sample, uniform_times
from lookingglass.diffusion.schedule import Schedule
from lookingglass.diffusion.training import train
from lookingglass.diffusion.truth import SQUARE
from stages.diffusion import points as points_stage
from stages.diffusion.train_diffusion import Params

T = TypeVar("T")

EVALUATIONS = 20  # of the network, in sampling: as many as in smalldiffusion's README
SAMPLES = 10_000
DRAWS = 100_000  # for the excess

TEXT = f"""\
## Diffusion: compared with smalldiffusion {{version}}

{{table}}

The ratio is theirs to ours: above 1, ours is faster or closer to the truth. Run on {{machine}}.
They took turns in {{rounds}} rounds; times and distances are medians over rounds.

Training: the same {{points:,}} points in the square, all in each step, and the same range of noise
levels, over which the excess is also measured. Ours is the recipe of `params.yaml`, {{steps:,}}
steps of a network with {{our_weights:,}} weights. Theirs is what smalldiffusion's README recommends
for points in the plane: `TimeInputMLP(hidden_dims={HIDDEN})`, with
{{their_weights:,}} weights, `ScheduleLogLinear(N={LEVELS})`, AdamW at 1e-3, except for two numbers:
{{epochs:,}} epochs of one step each instead of 15,000; and our noise levels, because its own, from
0.005 to 10, would spend a third of the training outside the range that counts here. One seed.

Sampling: {SAMPLES:,} points from the same noise, which has the variance of the noised square, with
an NFE of {EVALUATIONS}. Ours is `dpmpp_2m`, whose last evaluation is the denoising
step; theirs is `samples(..., gam=2)`, as in the README. An exact sample of the square is at
{{chance:.1e}} on average, so distances close to that cannot be distinguished.
"""


def alternate(rounds: int, *works: Callable[[int], T]) -> list[tuple[list[T], float]]:
    """Do each work once per round, in turns; returns its results and its median seconds."""
    results: list[list[T]] = [[] for _ in works]
    seconds: list[list[float]] = [[] for _ in works]
    for turn in range(rounds):
        for work, given, spent in zip(works, results, seconds, strict=True):
            start = time.process_time()
            given.append(work(turn))
            spent.append(time.process_time() - start)
    return [(given, median(spent)) for given, spent in zip(results, seconds, strict=True)]


def compare_training(
    peer: Peer, recipe: Params, points: Tensor, schedule: Schedule, epochs: int, rounds: int
) -> tuple[EdgeNetwork, list[Row]]:
    """Train both, some steps per round; returns our network, and rows of time and excess loss."""
    generator = torch.Generator().manual_seed(recipe.seed)
    std = float(points.square().mean().sqrt())
    network = EdgeNetwork(
        schedule, data_std=std, width=recipe.width, layers=recipe.layers, generator=generator
    )
    options = recipe.model_dump(include={"steps", "learning_rate", "average", "augment"})
    ours = train(network, points, schedule, generator=generator, **options)
    theirs = peer.train(points, epochs)
    denoiser = next(ours).denoiser  # the same object in every state
    next(theirs)
    (_, our_seconds), (_, their_seconds) = alternate(
        rounds,
        lambda _: deque[object](islice(ours, recipe.steps // rounds), maxlen=0),
        lambda _: deque(islice(theirs, epochs // rounds), maxlen=0),
    )
    deque(ours, maxlen=0)  # the rest, where the rounds do not divide the steps
    deque(theirs, maxlen=0)
    excess = []
    for one in (denoiser, peer.denoiser):
        generator = torch.Generator().manual_seed(1000)
        x_0 = SQUARE.sample(DRAWS, generator)
        sigma = schedule.sigma(torch.rand(DRAWS, generator=generator))
        excess.append(loss_and_excess(one, SQUARE, x_0, sigma, generator=generator)[1])
    return denoiser, [
        ("training, CPU seconds", our_seconds * rounds, their_seconds * rounds),
        ("excess loss", excess[0], excess[1]),
    ]


def compare_sampling(
    ours: Denoiser, theirs: Callable[[Tensor], Tensor], schedule: Schedule, rounds: int
) -> tuple[tuple[float, float], tuple[float, float]]:
    """Our solver beside their sampler: the seconds, and the energy distances to the square."""
    prior = SQUARE.prior_at(schedule)
    times = uniform_times(EVALUATIONS - 1)  # and one for the last denoising step
    z = [
        prior.transform(torch.randn(SAMPLES, 2, generator=torch.Generator().manual_seed(turn)))
        for turn in range(rounds)
    ]

    def sample_ours(turn: int) -> Tensor:
        return sample(ours, schedule, z[turn], times=times, solver="dpmpp_2m", final_denoise=True)

    (our_x, our_seconds), (their_x, their_seconds) = alternate(
        rounds, sample_ours, lambda turn: theirs(z[turn])
    )
    our_distance, their_distance = (
        median(energy_distance(x, SQUARE) for x in samples) for samples in (our_x, their_x)
    )
    return (our_seconds, their_seconds), (our_distance, their_distance)


def main() -> None:
    """Compare, print, write."""
    parser = plain_parser(__doc__)
    add = parser.add_argument
    add("--rounds", type=whole_number(1, 100), default=5, help="in which both take turns (5)")
    add("--epochs", type=whole_number(100, 100_000), help="of theirs (as many as our steps)")
    arguments = parser.parse_args()
    rounds: int = arguments.rounds
    torch.set_num_threads(1)  # tensors this small are slower on two

    recipe, schedule = load("train_diffusion", Params), load_schedule()
    data = load("points", points_stage.Params)
    points = SQUARE.sample(data.count, torch.Generator().manual_seed(data.seed))
    epochs: int = arguments.epochs or recipe.steps
    peer = Peer(schedule)
    network, rows = compare_training(peer, recipe, points, schedule, epochs, rounds)
    seconds, distances = compare_sampling(
        network, lambda z: peer.sample(peer.model, z, EVALUATIONS), schedule, rounds
    )
    exact_model = PeerModel(SQUARE.denoiser)
    _, exact_distances = compare_sampling(
        SQUARE.denoiser, lambda z: peer.sample(exact_model, z, EVALUATIONS), schedule, rounds
    )
    rows += [
        ("sampling, CPU seconds", *seconds),
        ("energy distance to the square", *distances),
        ("the same, both with the exact denoiser", *exact_distances),
    ]
    text = TEXT.format(
        version=version("smalldiffusion"),
        table=table(rows, "smalldiffusion"),
        machine=machine(),
        rounds=rounds,
        points=len(points),
        steps=recipe.steps,
        epochs=epochs,
        our_weights=sum(p.numel() for p in network.parameters()),
        their_weights=sum(p.numel() for p in peer.model.parameters()),
        chance=mean_pair_distance(SQUARE) / SAMPLES,
    )
    print(f"\n{text}")
    write_section("diffusion", text)


if __name__ == "__main__":
    run(main)
