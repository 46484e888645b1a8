"""Inversion (exercise 3.2.2): input vectors for which the frozen GPT's outputs are a given text.

Output i is compared with token i of the text itself, not with the one after it. The vectors take
the place of the token embeddings; the model adds the position embeddings.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int64
from torch import Tensor
from torch.nn.functional import normalize

from lookingglass.gpt.model import GPT


@dataclass(frozen=True)
class Inversion:
    """What several independent restarts found. Losses are in nats per token."""

    vectors: Float[Tensor, "restarts time n_embd"]
    """Each restart's best: the most tokens produced, and of these the least loss."""
    matches: Int64[Tensor, "steps restarts"]
    """How many tokens of the text are produced, before each step and after the last."""
    losses: Float[Tensor, "steps restarts"]
    """Mean cross-entropy, likewise."""

    @property
    def best(self) -> Int64[Tensor, " restarts"]:
        """How many tokens each restart's vectors produce."""
        return self.matches.amax(dim=0)

    @property
    def first(self) -> Int64[Tensor, " restarts"]:
        """After how many steps each restart first produced as many tokens as it ever did."""
        return (self.matches == self.best).int().argmax(dim=0)


def representatives(gpt: GPT) -> tuple[Int64[Tensor, " rows"], Float[Tensor, " rows"]]:
    """The likeliest token of each row of the vocabulary, and its log probability given the row.

    A token's own row is that token's, for certain. A class without unknown tokens has log
    probability -inf.
    """
    log_p = torch.full((gpt.vocabulary.rows,), -torch.inf, device=gpt.row.device)
    log_p = log_p.scatter_reduce(0, gpt.row, gpt.log_prior, "amax")
    ids = torch.arange(len(gpt.row), device=gpt.row.device)
    ids = torch.where(gpt.log_prior == log_p[gpt.row], ids, len(ids))
    none = torch.full_like(log_p, len(ids), dtype=torch.int64)
    return none.scatter_reduce(0, gpt.row, ids, "amin"), log_p


def check_text(gpt: GPT, ids: Int64[Tensor, " time"]) -> None:
    """Raise ValueError unless the ids fit into a block and all have a row of their own."""
    size = gpt.config.block_size
    if not 1 <= len(ids) <= size:
        raise ValueError(f"{len(ids)} tokens: must be from 1 to {size}")
    unknown = ids[gpt.vocabulary.is_unknown(ids.cpu())].unique(sorted=True)
    if len(unknown):
        names = ", ".join(repr(gpt.decode(id[None])) for id in unknown)
        raise ValueError(f"no row of their own in the vocabulary: {names}")


@dataclass(frozen=True)
class Iteration:
    """All restarts before one step of Adam, or after the last."""

    vectors: Float[Tensor, "restarts time n_embd"]
    """They change in place when the next iteration is asked for."""
    matches: Int64[Tensor, " restarts"]
    """How many tokens of the text they produce."""
    losses: Float[Tensor, " restarts"]
    """Mean cross-entropy."""


def iterate(
    gpt: GPT,
    ids: Int64[Tensor, " time"],
    *,
    restarts: int,
    steps: int,
    learning_rate: float,
    generator: torch.Generator,
) -> Iterator[Iteration]:
    """Yield the `steps` + 1 iterations of `invert`, which has the arguments and the errors."""
    check_text(gpt, ids)
    embedding = gpt.token_embedding.weight.detach()
    start = torch.randn(restarts, len(ids), embedding.shape[1], generator=generator)
    x = (start.to(embedding) * embedding.std()).requires_grad_()
    adam = torch.optim.Adam([x], lr=learning_rate)
    targets = ids.expand(restarts, -1)
    _, log_p = representatives(gpt)
    rows = gpt.row[targets]
    for step in range(steps + 1):
        logits = gpt(embeddings=x)
        loss = -gpt.log_probs(logits, targets).mean(dim=1)
        match = ((logits.detach() + log_p).argmax(dim=-1) == rows).sum(dim=1)
        yield Iteration(x.detach(), match, loss.detach())
        if step < steps:
            (x.grad,) = torch.autograd.grad(loss.sum(), x)
            adam.step()


def invert(
    gpt: GPT,
    ids: Int64[Tensor, " time"],
    *,
    restarts: int,
    steps: int,
    learning_rate: float,
    generator: torch.Generator,
) -> Inversion:
    """Optimise `restarts` inputs at once by Adam, so that output i of the model is ids[i].

    Each starts from N(0, s^2), s being the standard deviation of the token embeddings, and takes
    `steps` steps on its own cross-entropy. The model's weights stay as they are. A loss that is no
    longer finite does not stop the others: `losses` shows it.

    Raises ValueError for tokens without a row of their own, which the model cannot distinguish
    from others of their class; for no ids or more than block_size.
    """
    embedding = gpt.token_embedding.weight
    best = embedding.new_zeros(restarts, len(ids), embedding.shape[1])
    most = torch.full((restarts,), -1, device=embedding.device)
    least = torch.full((restarts,), torch.inf, device=embedding.device)
    matches, losses = [], []
    for now in iterate(
        gpt, ids, restarts=restarts, steps=steps, learning_rate=learning_rate, generator=generator
    ):
        match, loss = now.matches, now.losses
        better = (match > most) | ((match == most) & (loss < least))
        best[better], most[better], least[better] = now.vectors[better], match[better], loss[better]
        matches.append(match)
        losses.append(loss)
    return Inversion(best, torch.stack(matches), torch.stack(losses))


@dataclass(frozen=True)
class Nearest:
    """The tokens whose embeddings are nearest to vectors, by angle and by distance."""

    cosine_ids: Int64[Tensor, "*shape"]
    cosine: Float[Tensor, "*shape"]
    ids: Int64[Tensor, "*shape"]
    distance: Float[Tensor, "*shape"]


def nearest(gpt: GPT, vectors: Float[Tensor, "*shape n_embd"]) -> Nearest:
    """The nearest token embedding to each vector.

    Unknown tokens of a class share theirs; the likeliest stands for all of them.
    """
    ids, log_p = representatives(gpt)
    real = torch.nonzero(log_p > -torch.inf).flatten()
    embedding = gpt.token_embedding.weight[real]
    cosine = (normalize(vectors, dim=-1) @ normalize(embedding, dim=-1).T).max(dim=-1)
    # not as |a|^2 - 2ab + |b|^2, which loses the digits of small distances
    mode = "donot_use_mm_for_euclid_dist"
    flat = torch.cdist(vectors.flatten(0, -2), embedding, compute_mode=mode)
    distance = flat.unflatten(0, vectors.shape[:-1]).min(dim=-1)
    found = ids[real]
    return Nearest(found[cosine.indices], cosine.values, found[distance.indices], distance.values)


@torch.no_grad()
def produced(
    gpt: GPT,
    ids: Int64[Tensor, "B time"] | None = None,
    *,
    embeddings: Float[Tensor, "B time n_embd"] | None = None,
) -> Int64[Tensor, "B time"]:
    """The likeliest of all of GPT-2's tokens at each position of the output."""
    tokens, log_p = representatives(gpt)
    return tokens[(gpt(ids, embeddings=embeddings) + log_p).argmax(dim=-1)]
