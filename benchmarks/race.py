"""When does our training reach the test loss of the plain way? Both train in turns."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

import torch
from torch import Tensor

from benchmarks.document import Row, table
from benchmarks.plain_gpt import PlainGPT
from benchmarks.turns import NOTHING, Spent, spend
from lookingglass.gpt.beginning import begin
from lookingglass.gpt.model import GPT, Config
from lookingglass.gpt.scoring import log_prob
from lookingglass.gpt.training import train
from lookingglass.gpt.vocabulary import SIZE, Vocabulary, full
from stages.gpt import train_gpt

EVERY = 20  # steps of ours between two evaluations

TEXT = """\
Time to a test loss: {seconds:.0f} seconds of training the plain way ({steps} steps), and ours until
its loss is lower. They took turns; scoring is not counted (a sliding window with stride {stride},
over GPT-2's whole vocabulary). Ours is `params.yaml` unchanged: {layers} layers, {width} wide,
{batch} blocks per step, {precision}, with the schedule of all its {all_steps} steps, of which
{reached} were needed. One seed.

{table}

{end}
"""


class Scored(GPT):
    """The plain model, as a GPT that `log_prob` can score."""

    def __init__(self, plain: PlainGPT, table: bytes) -> None:
        size = Config(block_size=plain.block_size, n_layer=0, n_head=1, n_embd=1)
        super().__init__(size, full(table))  # whose own weights are not used
        self.plain = plain.eval()

    def forward(self, ids: Tensor, *, last: int) -> Tensor:  # type: ignore[override]
        """The plain model's logits, which is all that scoring needs."""
        logits: Tensor = self.plain(ids)
        return logits[:, -last:]


def loss_of(gpt: GPT, test: Tensor, stride: int) -> float:
    """Nats per token over all of GPT-2's."""
    return -float(log_prob(gpt, test, stride=stride).mean())


@dataclass
class Outcome:
    """Time and loss of the plain way, and of ours after every EVERY steps."""

    plain: Spent
    plain_steps: int
    plain_loss: float
    ours: list[tuple[int, Spent, float]]
    """Steps, what they took, and the test loss."""

    @property
    def reached(self) -> tuple[int, Spent, float] | None:
        """Ours, where it first is below the plain way's loss; None where it never is."""
        return next((state for state in self.ours if state[2] < self.plain_loss), None)


def train_in_turns(
    plain_steps: Iterator[float],
    plain: Scored,
    our_steps: Iterator[float],
    gpt: GPT,
    test: Tensor,
    *,
    turns: int,
    seconds: float,
    stride: int,
) -> Outcome:
    """Train the plain way for `seconds` in `turns` parts, and ours EVERY steps after each."""
    spent = our_spent = NOTHING
    count = 0
    ours = []
    for turn in range(1, turns + 1):
        while spent.wall < seconds * turn / turns:
            spent += spend(lambda: next(plain_steps))
            count += 1
        our_spent += spend(lambda: deque(islice(our_steps, EVERY), maxlen=0))
        ours.append((turn * EVERY, our_spent, loss_of(gpt, test, stride)))
    plain.eval()
    return Outcome(spent, count, loss_of(plain, test, stride), ours)


def race(
    shape: Config,
    batch_size: int,
    vocabulary: Vocabulary,
    recipe: train_gpt.Params,
    parts: dict[str, Tensor],
    seconds: float,
    stride: int,
) -> str:
    """Train both in turns and describe it; `shape` and `batch_size` are the plain way's."""
    torch.manual_seed(0)  # the plain way draws from the global generator
    plain = PlainGPT(SIZE, shape)
    config = Config(recipe.block_size, recipe.n_layer, recipe.n_head, recipe.n_embd, recipe.dropout)
    gpt = GPT(config, vocabulary, torch.Generator().manual_seed(recipe.seed))
    rates = recipe.model_dump(include={"muon_rate", "adam_rate", "weight_decay"})
    training = begin(gpt, parts["train"], **rates)
    options = recipe.model_dump(include={"steps", "warmup", "batch_size", "rare", "seed"})
    options |= {"bfloat16": recipe.precision == "bfloat16"}
    outcome = train_in_turns(
        plain.train_steps(parts["train"], batch_size),
        Scored(plain, vocabulary.table),
        train(training, parts["train"], **options),
        training.gpt,
        parts["test"],
        turns=max(1, recipe.steps // EVERY),
        seconds=seconds,
        stride=stride,
    )
    _, total, last = outcome.ours[-1]
    end = f"After {outcome.ours[-1][0]} steps, {total.wall:.3g} seconds, ours was at {last:.3f}."
    rows: list[Row] = []
    if outcome.reached:
        _, spent, loss = outcome.reached
        rows = [
            ("seconds", spent.wall, outcome.plain.wall),
            ("processor seconds", spent.cpu, outcome.plain.cpu),
            ("test loss, nats per token", loss, outcome.plain_loss),
        ]
    return TEXT.format(
        seconds=outcome.plain.wall,
        steps=outcome.plain_steps,
        stride=stride,
        layers=config.n_layer,
        width=config.n_embd,
        batch=recipe.batch_size,
        precision=recipe.precision,
        all_steps=recipe.steps,
        reached=outcome.reached[0] if outcome.reached else "more",
        table=table(rows, "the plain way"),
        end=end,
    )
