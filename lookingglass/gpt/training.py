"""Training a GPT (exercise, section 3.2.1).

What step k draws (its windows, dropout, which words are taken for rare) depends on the seed and k
alone, so a training that is interrupted and resumed ends with the same bytes as one that is not.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Int64
from torch import Tensor
from torch.nn.utils import clip_grad_norm_

from lookingglass.gpt.loss import linear_cross_entropy
from lookingglass.gpt.model import GPT
from lookingglass.gpt.muon import Muon

PRECISIONS = {"float32": torch.float32, "bfloat16": torch.bfloat16}


def windows(starts: Int64[Tensor, " n"], block_size: int) -> Int64[Tensor, "n window"]:
    """The places i, ..., i + block_size in the text for each start i.

    All but the last are inputs, ids[i : i + block_size], and all but the first their targets,
    ids[i + 1 : i + block_size + 1].
    """
    return starts[:, None] + torch.arange(block_size + 1, device=starts.device)


def start_at_frequencies(gpt: GPT, ids: Int64[Tensor, " time"]) -> None:
    """Let the head's bias start at the log frequencies of the rows in a text.

    Words without context are then no longer news, and the weights learn what is. A row that the
    text does not have counts half.
    """
    counts = torch.bincount(gpt.row[ids], minlength=gpt.vocabulary.rows)
    with torch.no_grad():
        gpt.bias.copy_((counts.clamp(min=0.5) / len(ids)).log())


def lengthen_rare_rows(gpt: GPT, ids: Int64[Tensor, " time"]) -> None:
    """Let embeddings of rows that a text has once at most start three times as large.

    Little will make them grow, and the head gives a token a logit that is linear in a state of
    bounded length: one whose row stays short is never the likeliest, whatever the input (Demeter
    et al. 2020, "Stolen probability"), and no inversion can find it.
    """
    counts = torch.bincount(gpt.row[ids], minlength=gpt.vocabulary.rows)
    with torch.no_grad():
        gpt.token_embedding.weight[counts <= 1] *= 3


def dropout(p: float, generator: torch.Generator) -> Callable[[Tensor], Tensor]:
    """A function that zeroes each number with probability p and scales up the others.

    torch.nn.functional.dropout draws from the global generator, and draws 32 bits for each number;
    this compares bytes, so p is rounded to a multiple of 1/256.
    """
    threshold = round(256 * p)

    def drop(x: Tensor) -> Tensor:
        words = torch.empty(-(-x.numel() // 8), dtype=torch.int64, device=x.device)
        words.random_(-(2**63), None, generator=generator)
        noise = words.view(torch.uint8)[: x.numel()].view(x.shape)
        # compared into numbers, not booleans, which would have to be turned into numbers
        kept = torch.ge(noise, threshold, out=torch.empty_like(x, requires_grad=False))
        return x * kept.mul_(256 / (256 - threshold))

    return drop


def learning_rate(step: int, steps: int, warmup: int) -> float:
    """The learning rate at a step from 1, as a fraction of its peak: up a line, down a cosine."""
    if step <= warmup:
        return step / warmup
    return 0.5 + 0.5 * math.cos(math.pi * (step - warmup) / max(1, steps - warmup))


@dataclass
class Training:
    """A model in training: all that the next step depends on."""

    gpt: GPT
    muon: Muon
    adam: torch.optim.AdamW
    step: int = 0

    def tensors(self) -> dict[str, Tensor]:
        """Weights and the optimisers' averages, by name."""
        found = {f"gpt.{name}": tensor for name, tensor in self.gpt.state_dict().items()}
        for kind, optimizer in (("muon", self.muon), ("adam", self.adam)):
            for index, state in optimizer.state_dict()["state"].items():
                found |= {f"{kind}.{index}.{name}": tensor for name, tensor in state.items()}
        return found

    def restore(self, step: int, tensors: dict[str, Tensor]) -> None:
        """Go on from what `tensors` gave after that step."""
        self.step = step
        prefix = "gpt."
        self.gpt.load_state_dict(
            {name[len(prefix) :]: t for name, t in tensors.items() if name.startswith(prefix)}
        )
        for kind, optimizer in (("muon", self.muon), ("adam", self.adam)):
            states: dict[int, dict[str, Tensor]] = {}
            for name, tensor in tensors.items():
                if name.startswith(f"{kind}."):
                    _, index, key = name.split(".")
                    states.setdefault(int(index), {})[key] = tensor
            optimizer.load_state_dict({**optimizer.state_dict(), "state": states})


def begin(gpt: GPT, *, muon_rate: float, adam_rate: float, weight_decay: float) -> Training:
    """A training of `gpt`, in place, at step 0.

    Muon for the matrices of the blocks, AdamW for the embeddings, the gains and the biases;
    both with decoupled weight decay, which gains and biases are spared.
    """
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
        group["peak"] = group["lr"]  # of which each step takes a fraction
    return Training(gpt, muon, adam)


def train(
    training: Training,
    ids: Int64[Tensor, " time"],
    *,
    steps: int,
    warmup: int,
    batch_size: int,
    drop: float,
    rare: float,
    seed: int,
    precision: torch.dtype = torch.float32,
) -> Iterator[float]:
    """Train from where `training` is to step `steps`; yield each step's loss, in nats per row.

    Each step takes `batch_size` windows of the text, drawn at random. Tokens that occur once in
    it are taken for rare with probability `rare`, as inputs and as targets: what a model is to
    make of a token it has never seen, it can only learn from those it has seen once. Gradients
    are clipped to norm 1.

    With `precision` bfloat16 the products of matrices are computed in it, from weights that are
    kept in float32, as are the norms, the softmax of attention and the loss (Micikevicius et al.
    2018): faster where the processor has instructions for it, slower elsewhere.
    """
    if precision not in PRECISIONS.values():
        raise ValueError(f"precision = {precision}: must be float32 or bfloat16")
    gpt = training.gpt
    device, block_size = ids.device, gpt.config.block_size
    rows, rare_rows = gpt.row[ids], gpt.vocabulary.rare_row.to(device)[ids]
    once = torch.bincount(ids)[ids] == 1
    once &= rare_rows < gpt.vocabulary.rows  # the full vocabulary has no rare tokens
    groups = training.muon.param_groups + training.adam.param_groups
    for step in range(training.step + 1, steps + 1):
        words = np.random.SeedSequence((seed, step)).generate_state(2, np.uint64).tolist()
        on_cpu = torch.Generator().manual_seed(words[0] >> 1)
        on_device = torch.Generator(device).manual_seed(words[1] >> 1)
        for group in groups:
            group["lr"] = group["peak"] * learning_rate(step, steps, warmup)

        starts = torch.randint(len(ids) - block_size, (batch_size,), generator=on_cpu)
        chance = torch.rand(batch_size, block_size + 1, generator=on_cpu).to(device)
        index = windows(starts.to(device), block_size)
        x = torch.where(once[index] & (chance < rare), rare_rows[index], rows[index])
        with torch.autocast(device.type, torch.bfloat16, enabled=precision == torch.bfloat16):
            features = gpt.features(
                embeddings=gpt.token_embedding(x[:, :-1]), drop=dropout(drop, on_device)
            )
            head = gpt.token_embedding.weight, gpt.bias
            loss = linear_cross_entropy(features.flatten(0, 1), *head, x[:, 1:].flatten())

        gpt.zero_grad()
        loss.backward()
        clip_grad_norm_(gpt.parameters(), 1.0)
        training.muon.step()
        training.adam.step()
        training.step = step
        yield loss.item()


@torch.no_grad()
def block_loss(gpt: GPT, ids: Int64[Tensor, " time"]) -> float:
    """Mean loss over consecutive blocks of a text, in nats per token over all of GPT-2's."""
    size = min(gpt.config.block_size, len(ids) - 1)
    starts = torch.arange(0, len(ids) - size, size, device=ids.device)
    return -float(gpt.score(ids[windows(starts, size)]).mean())
