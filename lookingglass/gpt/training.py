"""Training a GPT (exercise, section 3.2.1).

What step k draws (its windows, the dropout, which tokens are replaced) depends on the seed and k
alone, so a training that is interrupted and resumed ends with the same bytes as one that is not.
Several processes may share each batch; then dropout also depends on which of them draws it.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np
import torch
from jaxtyping import Int64, Integer
from torch import Tensor
from torch.nn.functional import cross_entropy
from torch.nn.utils import clip_grad_norm_
from torch.optim import Optimizer

from lookingglass.gpt.model import GPT
from lookingglass.gpt.vocabulary import token_counts
from lookingglass.gpt.world import ALONE, World


def windows(starts: Int64[Tensor, " n"], block_size: int) -> Int64[Tensor, "n window"]:
    """The places i, ..., i + block_size in the text for each start i.

    All but the last are inputs, ids[i : i + block_size], and all but the first their targets,
    ids[i + 1 : i + block_size + 1].
    """
    return starts[:, None] + torch.arange(block_size + 1, device=starts.device)


def learning_rate(step: int, steps: int, warmup: int) -> float:
    """The learning rate at a step from 1, as a fraction of its peak: warm-up, then cosine."""
    if step <= warmup:
        return step / warmup
    return 0.5 + 0.5 * math.cos(math.pi * (step - warmup) / max(1, steps - warmup))


@dataclass
class Training:
    """The state of a training: all that the next step depends on, and how well it has gone."""

    gpt: GPT
    optimizers: dict[str, Optimizer]
    """By name; the schedule's factor multiplies the learning rate that each group has now."""
    step: int = 0
    curve: list[tuple[int, float, float]] = field(default_factory=list)
    """(step, training loss, validation loss) of each evaluation, in nats per token."""
    best: dict[str, Tensor] = field(default_factory=dict)
    """The weights with the lowest validation loss so far."""

    def __post_init__(self) -> None:
        for group in self.groups():
            group["peak"] = group["lr"]

    def groups(self) -> list[dict[str, Any]]:
        """The optimisers' groups of parameters."""
        return [group for each in self.optimizers.values() for group in each.param_groups]

    def evaluate(self, ids: Integer[Tensor, " time"], validation: Int64[Tensor, " held"]) -> None:
        """Add to the curve, and keep the weights if the validation loss is the lowest so far.

        The training loss is that of a piece of the text as long as the validation part; neither
        has dropout.
        """
        beginning = ids[: len(validation)].to(validation)
        losses = block_loss(self.gpt, beginning), block_loss(self.gpt, validation)
        if losses[1] < min((loss for _, _, loss in self.curve), default=math.inf):
            self.best = {name: tensor.clone() for name, tensor in self.gpt.state_dict().items()}
        self.curve.append((self.step, *losses))

    def tensors(self) -> dict[str, Tensor]:
        """All weights and the optimisers' state, by name, to `restore` from."""
        found = {f"gpt.{name}": tensor for name, tensor in self.gpt.state_dict().items()}
        found |= {f"best.{name}": tensor for name, tensor in self.best.items()}
        for kind, optimizer in self.optimizers.items():
            for index, state in optimizer.state_dict()["state"].items():
                found |= {f"{kind}.{index}.{name}": tensor for name, tensor in state.items()}
        return found

    def restore(
        self, step: int, curve: list[tuple[int, float, float]], tensors: dict[str, Tensor]
    ) -> None:
        """Go back to the state in which `tensors()` gave these tensors."""

        def named(kind: str) -> dict[str, Tensor]:
            prefix = f"{kind}."
            return {k.removeprefix(prefix): t for k, t in tensors.items() if k.startswith(prefix)}

        self.step, self.curve, self.best = step, curve, named("best")
        self.gpt.load_state_dict(named("gpt"))
        for kind, optimizer in self.optimizers.items():
            states: dict[int, dict[str, Tensor]] = {}
            for name, tensor in named(kind).items():
                index, key = name.split(".")
                states.setdefault(int(index), {})[key] = tensor
            optimizer.load_state_dict({**optimizer.state_dict(), "state": states})


def train(
    training: Training,
    ids: Integer[Tensor, " time"],
    *,
    steps: int,
    warmup: int,
    batch_size: int,
    rare: float,
    seed: int,
    bfloat16: bool = False,
    accumulate: int = 1,
    world: World = ALONE,
) -> Iterator[float]:
    """Continue `training` to step `steps`; yield each step's loss, in nats per row.

    Each step takes `batch_size` windows of the text, drawn at random; all else of the text may stay
    on disk, in an array that is mapped into memory. A token that occurs once in
    it is replaced, as input and as target, by its unknown class with probability `rare`: what to
    make of a token it has never seen, a model can only learn from those it has seen once. Gradients
    are clipped to norm 1. Between steps the model is in evaluation mode.

    With `bfloat16`, matrix products are computed in it by autocast, while weights, norms, softmax
    and loss stay in float32 (Micikevicius et al. 2018): faster where the processor has instructions
    for it, slower elsewhere.

    All processes of `world` must run this at the same time, from the same state. Each takes its
    share of the windows, in `accumulate` parts one after the other, which takes less memory, and
    yields the loss of that share; `batch_size` must be a multiple of world.size * accumulate.
    """
    gpt = training.gpt
    device, block_size = gpt.row.device, gpt.config.block_size
    class_row = gpt.vocabulary.class_row.to(device)
    once = token_counts(ids).to(device) == 1
    once &= class_row < gpt.vocabulary.rows  # the full vocabulary has no unknown classes
    groups = training.groups()
    for step in range(training.step + 1, steps + 1):
        draws, *dropouts = np.random.SeedSequence((seed, step)).generate_state(
            1 + world.size, np.uint64
        )
        generator = torch.Generator().manual_seed(int(draws >> 1))
        gpt.dropout.generator = torch.Generator(device).manual_seed(int(dropouts[world.rank] >> 1))
        for group in groups:
            group["lr"] = group["peak"] * learning_rate(step, steps, warmup)

        starts = torch.randint(len(ids) - block_size, (batch_size,), generator=generator)
        chance = torch.rand(batch_size, block_size + 1, generator=generator)
        tokens = ids[windows(world.share(starts), block_size)].long().to(device)
        replaced = once[tokens] & (world.share(chance).to(device) < rare)
        x = torch.where(replaced, class_row[tokens], gpt.row[tokens])
        gpt.train()
        gpt.zero_grad()
        loss = torch.zeros((), device=device)
        for part in x.chunk(accumulate):
            with torch.autocast(device.type, torch.bfloat16, enabled=bfloat16):
                logits = gpt(embeddings=gpt.token_embedding(part[:, :-1]))
                part_loss = cross_entropy(logits.flatten(0, 1), part[:, 1:].flatten()) / accumulate
            part_loss.backward()
            loss += part_loss.detach()

        world.average([cast(Tensor, parameter.grad) for parameter in gpt.parameters()])
        clip_grad_norm_(gpt.parameters(), 1.0)
        for optimizer in training.optimizers.values():
            optimizer.step()
        training.step = step
        gpt.eval()
        yield loss.item()


@torch.no_grad()
def block_loss(gpt: GPT, ids: Int64[Tensor, " time"]) -> float:
    """Mean loss over consecutive blocks of a text, in nats per token over all of GPT-2's."""
    size = min(gpt.config.block_size, len(ids) - 1)
    starts = torch.arange(0, len(ids) - size, size, device=ids.device)
    return -float(gpt.score(ids[windows(starts, size)]).mean())
