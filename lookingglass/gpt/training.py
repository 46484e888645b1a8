"""Training a GPT (exercise, section 3.2.1).

What step k draws (its windows, the dropout, which tokens are replaced) depends on the seed and k
alone, so a training that is interrupted and resumed ends with the same bytes as one that is not.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import torch
from jaxtyping import Int64
from torch import Tensor
from torch.nn.functional import cross_entropy
from torch.nn.utils import clip_grad_norm_

from lookingglass.gpt.model import GPT
from lookingglass.gpt.muon import Muon


def windows(starts: Int64[Tensor, " n"], block_size: int) -> Int64[Tensor, "n window"]:
    """The places i, ..., i + block_size in the text for each start i.

    All but the last are inputs, ids[i : i + block_size], and all but the first their targets,
    ids[i + 1 : i + block_size + 1].
    """
    return starts[:, None] + torch.arange(block_size + 1, device=starts.device)


def init_head_bias(gpt: GPT, ids: Int64[Tensor, " time"]) -> None:
    """Set the head's bias to the log unigram frequencies of a text, so that training starts there.

    A row that does not occur in the text counts half.
    """
    counts = torch.bincount(gpt.row[ids], minlength=gpt.vocabulary.rows)
    with torch.no_grad():
        gpt.head_bias.copy_((counts.clamp(min=0.5) / len(ids)).log())


def scale_up_rare_embeddings(gpt: GPT, ids: Int64[Tensor, " time"]) -> None:
    """Triple the initial embeddings of rows that occur at most once in a text.

    Training hardly makes them grow, and the head's logits are linear in a hidden state of bounded
    norm: a token whose embedding stays short is never the likeliest, whatever the input (Demeter
    et al. 2020, "Stolen probability"), and no inversion can find it.
    """
    counts = torch.bincount(gpt.row[ids], minlength=gpt.vocabulary.rows)
    with torch.no_grad():
        gpt.token_embedding.weight[counts <= 1] *= 3


def learning_rate(step: int, steps: int, warmup: int) -> float:
    """The learning rate at a step from 1, as a fraction of its peak: warm-up, then cosine."""
    if step <= warmup:
        return step / warmup
    return 0.5 + 0.5 * math.cos(math.pi * (step - warmup) / max(1, steps - warmup))


@dataclass
class Training:
    """The state of a training: all that the next step depends on, and how well it has gone."""

    gpt: GPT
    muon: Muon
    adam: torch.optim.AdamW
    step: int = 0
    curve: list[tuple[int, float, float]] = field(default_factory=list)
    """(step, training loss, validation loss) of each evaluation, in nats per token."""
    best: dict[str, Tensor] = field(default_factory=dict)
    """The weights with the lowest validation loss so far."""

    def evaluate(self, ids: Int64[Tensor, " time"], validation: Int64[Tensor, " held"]) -> None:
        """Add to the curve, and keep the weights if the validation loss is the lowest so far.

        The training loss is that of a piece of the text as long as the validation part; neither
        has dropout.
        """
        losses = block_loss(self.gpt, ids[: len(validation)]), block_loss(self.gpt, validation)
        if losses[1] < min((loss for _, _, loss in self.curve), default=math.inf):
            self.best = {name: tensor.clone() for name, tensor in self.gpt.state_dict().items()}
        self.curve.append((self.step, *losses))

    def tensors(self) -> dict[str, Tensor]:
        """Weights, best weights and the optimisers' averages, by name, to `restore` from."""
        found = {f"gpt.{name}": tensor for name, tensor in self.gpt.state_dict().items()}
        found |= {f"best.{name}": tensor for name, tensor in self.best.items()}
        for kind, optimizer in (("muon", self.muon), ("adam", self.adam)):
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
        for kind, optimizer in (("muon", self.muon), ("adam", self.adam)):
            states: dict[int, dict[str, Tensor]] = {}
            for name, tensor in named(kind).items():
                index, key = name.split(".")
                states.setdefault(int(index), {})[key] = tensor
            optimizer.load_state_dict({**optimizer.state_dict(), "state": states})


def begin(
    gpt: GPT,
    ids: Int64[Tensor, " time"],
    *,
    muon_rate: float,
    adam_rate: float,
    weight_decay: float,
) -> Training:
    """A training of a newly initialised `gpt` on a text, in place, at step 0.

    Muon for the blocks' matrices, AdamW for the embeddings, the gains and the biases; both with
    decoupled weight decay, except for gains and biases.
    """
    init_head_bias(gpt, ids)
    scale_up_rare_embeddings(gpt, ids)
    matrices = [p for p in gpt.blocks.parameters() if p.ndim == 2]
    embeddings = [gpt.token_embedding.weight, gpt.position_embedding.weight]
    vectors = [p for p in gpt.parameters() if p.ndim == 1]
    muon = Muon(matrices, lr=muon_rate, weight_decay=weight_decay)
    adam = torch.optim.AdamW(
        [
            {"params": embeddings, "weight_decay": weight_decay},
            {"params": vectors, "weight_decay": 0.0},
        ],
        lr=adam_rate,
        betas=(0.9, 0.99),
    )
    for group in muon.param_groups + adam.param_groups:
        group["peak"] = group["lr"]  # the schedule's factor multiplies it
    return Training(gpt, muon, adam)


def train(
    training: Training,
    ids: Int64[Tensor, " time"],
    *,
    steps: int,
    warmup: int,
    batch_size: int,
    rare: float,
    seed: int,
    bfloat16: bool = False,
) -> Iterator[float]:
    """Continue `training` to step `steps`; yield each step's loss, in nats per row.

    Each step takes `batch_size` windows of the text, drawn at random. A token that occurs once in
    it is replaced, as input and as target, by its unknown class with probability `rare`: what to
    make of a token it has never seen, a model can only learn from those it has seen once. Gradients
    are clipped to norm 1. Between steps the model is in evaluation mode.

    With `bfloat16`, matrix products are computed in it by autocast, while weights, norms, softmax
    and loss stay in float32 (Micikevicius et al. 2018): faster where the processor has instructions
    for it, slower elsewhere.
    """
    gpt = training.gpt
    device, block_size = ids.device, gpt.config.block_size
    rows, class_rows = gpt.row[ids], gpt.vocabulary.class_row.to(device)[ids]
    once = torch.bincount(ids)[ids] == 1
    once &= class_rows < gpt.vocabulary.rows  # the full vocabulary has no unknown classes
    groups = training.muon.param_groups + training.adam.param_groups
    for step in range(training.step + 1, steps + 1):
        seeds = np.random.SeedSequence((seed, step)).generate_state(2, np.uint64).tolist()
        generator = torch.Generator().manual_seed(seeds[0] >> 1)
        gpt.dropout.generator = torch.Generator(device).manual_seed(seeds[1] >> 1)
        for group in groups:
            group["lr"] = group["peak"] * learning_rate(step, steps, warmup)

        starts = torch.randint(len(ids) - block_size, (batch_size,), generator=generator)
        chance = torch.rand(batch_size, block_size + 1, generator=generator).to(device)
        index = windows(starts.to(device), block_size)
        x = torch.where(once[index] & (chance < rare), class_rows[index], rows[index])
        gpt.train()
        with torch.autocast(device.type, torch.bfloat16, enabled=bfloat16):
            logits = gpt(embeddings=gpt.token_embedding(x[:, :-1]))
            loss = cross_entropy(logits.flatten(0, 1), x[:, 1:].flatten())

        gpt.zero_grad()
        loss.backward()
        clip_grad_norm_(gpt.parameters(), 1.0)
        training.muon.step()
        training.adam.step()
        training.step = step
        gpt.eval()
        yield loss.item()


@torch.no_grad()
def block_loss(gpt: GPT, ids: Int64[Tensor, " time"]) -> float:
    """Mean loss over consecutive blocks of a text, in nats per token over all of GPT-2's."""
    size = min(gpt.config.block_size, len(ids) - 1)
    starts = torch.arange(0, len(ids) - size, size, device=ids.device)
    return -float(gpt.score(ids[windows(starts, size)]).mean())
