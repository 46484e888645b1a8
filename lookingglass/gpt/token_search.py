"""Inversion with real tokens: inputs of which each is a token, and output i is to be ids[i].

Two searches. `gcg` is the greedy coordinate gradient of Zou et al. 2023 ("Universal and
transferable adversarial attacks on aligned language models", algorithm 1), which knows only the
model's gradient. `beam` uses that output i depends on the inputs up to i alone: it tries every
token at each place in turn.

Among rare tokens, which share the embedding of their kind, only the likeliest of a kind is tried:
to the model they are all the same.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Float, Int64
from torch import Tensor

from lookingglass.gpt.inversion import check_text, representatives
from lookingglass.gpt.model import GPT, LARGEST, Cache

CHUNK = 2048  # candidates that the model reads at a time, at most


@dataclass(frozen=True)
class Found:
    """Real tokens, and what the model makes of them."""

    ids: Int64[Tensor, " time"]
    """The input, GPT-2's ids."""
    match: int
    """How many tokens of the text it produces."""
    loss: float
    """Mean cross-entropy, in nats per token."""


@dataclass(frozen=True)
class _Scorer:
    """What is asked of logits: is the target the likeliest of all tokens, and how likely is it."""

    gpt: GPT
    targets: Int64[Tensor, " time"]
    tokens: Int64[Tensor, " inputs"]
    """The ids to try as inputs."""
    log_p: Float[Tensor, " rows"]

    def __call__(
        self, logits: Float[Tensor, "B T V"], start: int = 0
    ) -> tuple[Int64[Tensor, "B T"], Float[Tensor, "B T"]]:
        """Matches (0 or 1) and cross-entropies of outputs start, start + 1, ..."""
        targets = self.targets[start : start + logits.shape[1]].expand(len(logits), -1)
        match = (logits + self.log_p).argmax(dim=-1) == self.gpt.row[targets]
        return match.long(), -self.gpt.log_probs(logits, targets)

    @property
    def at_once(self) -> int:
        """Positions whose logits are made at a time: with a row for every token, fewer."""
        return max(1, min(CHUNK, LARGEST // len(self.log_p)))

    def found(self, ids: Int64[Tensor, " time"]) -> Found:
        """Real tokens, scored by the plain model."""
        match, loss = self(self.gpt(ids[None]))
        return Found(ids, int(match.sum()), float(loss.mean()))


def _scorer(gpt: GPT, ids: Int64[Tensor, " time"]) -> _Scorer:
    check_text(gpt, ids)
    tokens, log_p = representatives(gpt)
    return _Scorer(gpt, ids, tokens[log_p > -torch.inf], log_p)


@torch.no_grad()
def beam(gpt: GPT, ids: Int64[Tensor, " time"], *, width: int) -> Found:
    """The best input that a beam of `width` prefixes finds.

    At each place every kept prefix is tried with every token after it, and the `width` best are
    kept: those with the most matches, and of these the least loss. As later inputs do not change
    earlier outputs, a beam as wide as there are prefixes finds the best of all inputs. The first
    place is always searched in full.

    Raises ValueError for width < 1, and as check_text does.
    """
    score = _scorer(gpt, ids)
    if width < 1:
        raise ValueError(f"width = {width}: must be at least 1")
    device = ids.device
    prefixes = torch.zeros(1, 0, dtype=torch.int64, device=device)
    matches, losses = torch.zeros(1, dtype=torch.int64, device=device), torch.zeros(1).to(device)
    cache = Cache()
    for place in range(len(ids)):
        match, loss = [], []
        for index in range(len(prefixes)):
            for some in score.tokens.split(score.at_once):
                past = _select(cache, torch.full_like(some, index))
                one, cost = score(gpt(some[:, None], cache=past), start=place)
                match.append(matches[index] + one[:, 0])
                loss.append(losses[index] + cost[:, 0])
        all_matches, all_losses = torch.cat(match), torch.cat(loss)
        kept = _order(all_matches, all_losses)[:width]
        parent, token = kept // len(score.tokens), score.tokens[kept % len(score.tokens)]
        matches, losses = all_matches[kept], all_losses[kept]
        prefixes = torch.cat([prefixes[parent], token[:, None]], dim=1)
        cache = _select(cache, parent)
        gpt(token[:, None], cache=cache)
    return score.found(prefixes[0])


def _select(cache: Cache, index: Int64[Tensor, " n"]) -> Cache:
    """A cache of its own for each of the prefixes with these numbers."""
    return Cache([(keys[index], values[index]) for keys, values in cache.blocks])


def _order(matches: Int64[Tensor, " n"], losses: Float[Tensor, " n"]) -> Int64[Tensor, " n"]:
    """Best first: most matches, then least loss, then the order they came in."""
    by_loss = losses.argsort(stable=True)
    return by_loss[matches[by_loss].argsort(descending=True, stable=True)]


def gcg(
    gpt: GPT,
    ids: Int64[Tensor, " time"],
    *,
    steps: int,
    top_k: int,
    candidates: int,
    generator: torch.Generator,
) -> tuple[Found, Float[Tensor, " losses"]]:
    """The best input that a greedy coordinate gradient search visits.

    With it comes the loss of the best so far, at the start and after each step.

    It starts from random tokens. In each step, at each place, the `top_k` tokens are shortlisted
    that the gradient with respect to the input's one-hot vector says lower the loss most; of all
    inputs that differ in one place, by a token of that list, `candidates` are drawn and tried, and
    the one of least loss is gone on from, be it better or worse. What is returned is the input of
    least loss that was ever visited, so the losses, in nats per token, never rise.

    Raises ValueError for steps < 0, top_k < 1 or candidates < 1, and as check_text does.
    """
    score = _scorer(gpt, ids)
    if steps < 0 or top_k < 1 or candidates < 1:
        raise ValueError(
            f"steps = {steps}, top_k = {top_k}, candidates = {candidates}: "
            "must be at least 0, 1 and 1"
        )
    time, tokens = len(ids), score.tokens
    embedding = gpt.token_embedding.weight.detach()[gpt.row[tokens]]
    current = tokens[torch.randint(len(tokens), (time,), generator=generator).to(tokens.device)]
    best = score.found(current)
    losses = [best.loss]
    for _ in range(steps):
        x = gpt.token_embedding.weight.detach()[gpt.row[current]][None].requires_grad_()
        loss = score(gpt(embeddings=x))[1].mean()
        (gradient,) = torch.autograd.grad(loss, x)
        slope = gradient[0] @ embedding.T  # of the one-hot vector at each place
        shortlist = slope.topk(min(top_k, len(tokens)), largest=False).indices

        place = torch.randint(time, (candidates,), generator=generator)
        rank = torch.randint(shortlist.shape[1], (candidates,), generator=generator)
        place, rank = place.to(tokens.device), rank.to(tokens.device)
        tried = current.repeat(candidates, 1)
        tried[torch.arange(candidates), place] = tokens[shortlist[place, rank]]
        current = tried[int(_losses(score, tried).argmin())]
        found = score.found(current)
        if found.loss < best.loss:
            best = found
        losses.append(best.loss)
    return best, torch.tensor(losses)


@torch.no_grad()
def _losses(score: _Scorer, inputs: Int64[Tensor, "B T"]) -> Float[Tensor, " B"]:
    some = inputs.split(score.at_once // inputs.shape[1] + 1)
    return torch.cat([score(score.gpt(part))[1].mean(dim=1) for part in some])
