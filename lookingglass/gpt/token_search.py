"""Inversion with real tokens: find input tokens for which output i is ids[i].

Two searches. `gcg` is the greedy coordinate gradient of Zou et al. 2023 ("Universal and
transferable adversarial attacks on aligned language models", algorithm 1), which knows only the
model's gradient. `beam` exploits causality, output i depending on inputs up to i alone: it tries
every token at each position in turn.

Unknown tokens share the embedding of their class, so only the likeliest of a class is tried: to
the model they are all the same.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Float, Int64
from torch import Tensor

from lookingglass.gpt.inversion import check_text, representatives
from lookingglass.gpt.model import GPT, MAX_NUMEL, KVCache

CHUNK = 2048  # candidates in a batch, at most


@dataclass(frozen=True)
class Found:
    """Real tokens as an input, and how well they produce the text."""

    ids: Int64[Tensor, " time"]
    """The input, GPT-2's ids."""
    match: int
    """How many tokens of the text it produces."""
    loss: float
    """Mean cross-entropy, in nats per token."""


@dataclass(frozen=True)
class _Scorer:
    """Whether the target is the likeliest of all tokens, and how likely it is."""

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
        """Positions in a batch: with a row for every token, fewer."""
        return max(1, min(CHUNK, MAX_NUMEL // len(self.log_p)))

    def found(self, ids: Int64[Tensor, " time"]) -> Found:
        """These tokens, scored without a cache."""
        match, loss = self(self.gpt(ids[None]))
        return Found(ids, int(match.sum()), float(loss.mean()))


def _scorer(gpt: GPT, ids: Int64[Tensor, " time"]) -> _Scorer:
    check_text(gpt, ids)
    tokens, log_p = representatives(gpt)
    return _Scorer(gpt, ids, tokens[log_p > -torch.inf], log_p)


@torch.no_grad()
def beam(gpt: GPT, ids: Int64[Tensor, " time"], *, width: int) -> Found:
    """The best input that a beam of `width` prefixes finds.

    At each position every kept prefix is extended by every token, and the `width` best are kept:
    those with the most matches, and of these the least loss. As later inputs do not change
    earlier outputs, a beam that keeps all prefixes finds the best of all inputs. The first
    position is always searched in full. Raises ValueError as check_text does.
    """
    score = _scorer(gpt, ids)
    device = ids.device
    prefixes = torch.zeros(1, 0, dtype=torch.int64, device=device)
    matches, losses = torch.zeros(1, dtype=torch.int64, device=device), torch.zeros(1).to(device)
    kv_cache = gpt.new_kv_cache()
    for position in range(len(ids)):
        match, loss = [], []
        for index in range(len(prefixes)):
            for some in score.tokens.split(score.at_once):
                past = _select(kv_cache, torch.full_like(some, index))
                one, cost = score(gpt(some[:, None], kv_cache=past), start=position)
                match.append(matches[index] + one[:, 0])
                loss.append(losses[index] + cost[:, 0])
        all_matches, all_losses = torch.cat(match), torch.cat(loss)
        kept = _order(all_matches, all_losses)[:width]
        parent, token = kept // len(score.tokens), score.tokens[kept % len(score.tokens)]
        matches, losses = all_matches[kept], all_losses[kept]
        prefixes = torch.cat([prefixes[parent], token[:, None]], dim=1)
        kv_cache = _select(kv_cache, parent)
        gpt(token[:, None], kv_cache=kv_cache)
    return score.found(prefixes[0])


def _select(kv_cache: list[KVCache], index: Int64[Tensor, " n"]) -> list[KVCache]:
    """A new cache, with these entries of the batch."""
    return [KVCache(block.keys[index], block.values[index]) for block in kv_cache]


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

    Also returns the loss of the best so far, in nats per token, at the start and after each step.

    It starts from random tokens. Each step shortlists, at each position, the `top_k` tokens that
    lower the loss most to first order, by the gradient with respect to the input's one-hot vector.
    It then draws `candidates` inputs that replace the token at one position by one from its
    shortlist, and continues from the one of least loss, even if that is worse than before. Raises
    ValueError as check_text does.
    """
    score = _scorer(gpt, ids)
    time, tokens = len(ids), score.tokens
    embedding = gpt.token_embedding.weight.detach()[gpt.row[tokens]]
    current = tokens[torch.randint(len(tokens), (time,), generator=generator).to(tokens.device)]
    best = score.found(current)
    losses = [best.loss]
    for _ in range(steps):
        x = gpt.token_embedding.weight.detach()[gpt.row[current]][None].requires_grad_()
        loss = score(gpt(embeddings=x))[1].mean()
        (gradient,) = torch.autograd.grad(loss, x)
        slope = gradient[0] @ embedding.T  # with respect to the one-hot vector at each position
        shortlist = slope.topk(min(top_k, len(tokens)), largest=False).indices

        position = torch.randint(time, (candidates,), generator=generator)
        rank = torch.randint(shortlist.shape[1], (candidates,), generator=generator)
        position, rank = position.to(tokens.device), rank.to(tokens.device)
        tried = current.repeat(candidates, 1)
        tried[torch.arange(candidates), position] = tokens[shortlist[position, rank]]
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
