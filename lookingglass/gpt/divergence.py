"""How far a model of a known language is from the truth, position by position."""

from dataclasses import dataclass

import torch
from jaxtyping import Float64, Int64
from torch import Tensor

from lookingglass.gpt.language import Predictor

MAX_NUMEL = 1 << 22  # of a distribution over all tokens for several positions: 32 MB


@dataclass(frozen=True)
class Divergence:
    """A model q against the true distribution p of the next token, at scored positions, in nats."""

    surprisal: Float64[Tensor, "B last"]
    """-log p of the token that came: on average over drawn text, the entropy rate."""
    loss: Float64[Tensor, "B last"]
    """-log q of it."""
    entropy: Float64[Tensor, "B last"]
    """-sum p log p."""
    excess: Float64[Tensor, "B last"]
    """sum p log(p / q), the KL divergence: the mean of loss - surprisal over all next tokens.

    It has the same mean as loss - surprisal over drawn text, and a smaller variance."""
    total_variation: Float64[Tensor, "B last"]
    """sum |p - q| / 2, 0 to 1: the largest difference in the probability of any set of tokens."""


def divergence(
    truth: Predictor,
    model: Predictor,
    tokens: Int64[Tensor, " V"],
    windows: Int64[Tensor, "B T"],
    last: int,
) -> Divergence:
    """Compare two models of a language of `tokens` on the last tokens of each window.

    A window's last token is a target only. Each scored token needs as many before it in its window
    as the truth remembers. A few windows at a time, so that memory does not grow with their number.
    """
    found = []
    for part in windows.split(max(1, MAX_NUMEL // (last * len(tokens)))):
        log_p, log_q = truth(part[:, :-1], last), model(part[:, :-1], last)
        p, q = log_p.exp(), log_q.exp()
        came = torch.searchsorted(tokens, part[:, -last:].contiguous())[..., None]
        found.append(
            (
                -log_p.gather(-1, came).squeeze(-1),
                -log_q.gather(-1, came).squeeze(-1),
                -(p * log_p).sum(dim=-1),
                (p * (log_p - log_q)).sum(dim=-1),
                (p - q).abs().sum(dim=-1) / 2,
            )
        )
    return Divergence(*(torch.cat(parts) for parts in zip(*found, strict=True)))


def conditional_entropies(
    truth: Predictor, ids: Int64[Tensor, " time"], memory: int
) -> Float64[Tensor, " positions"]:
    """Entropy of the true distribution after each `memory` tokens of a text, in nats.

    `memory` is the number of tokens that the next one depends on, at least 1. Their mean converges
    to the entropy rate as the text grows, for a stationary and ergodic source.
    """
    contexts, which = ids.unfold(0, memory, 1).unique(dim=0, return_inverse=True)
    found = []
    for part in contexts.split(1024):
        log_p = truth(part, 1)[:, 0]
        found.append(-(log_p.exp() * log_p).sum(dim=-1))
    return torch.cat(found)[which]


def mean_and_error(values: Float64[Tensor, " n"], batches: int = 50) -> tuple[float, float]:
    """The mean of numbers along a text, and its standard error.

    Neighbours are correlated, so the error is that of the means of `batches` long stretches, which
    hardly are (Geyer 1992, "Practical Markov chain Monte Carlo", section 3.2); what does not fill
    the last stretch counts for the mean only. Raises ValueError for fewer values than stretches.
    """
    if len(values) < batches:
        raise ValueError(f"{len(values)} values: must be at least {batches}")
    size = len(values) // batches
    means = values[: size * batches].view(batches, size).mean(dim=1)
    return float(values.mean()), float(means.std() / batches**0.5)


def times_seen(
    text: Int64[Tensor, " time"], contexts: Int64[Tensor, "n length"]
) -> Int64[Tensor, " n"]:
    """How often each context occurs in a text with a token after it."""
    there = text[:-1].unfold(0, contexts.shape[1], 1)
    _, which = torch.cat([there, contexts]).unique(dim=0, return_inverse=True)
    counts: Tensor = which[: len(there)].bincount(minlength=int(which.max()) + 1)
    return counts[which[len(there) :]]


def improbability_of_generated(
    truth: Predictor,
    model: Predictor,
    tokens: Int64[Tensor, " V"],
    prompts: Int64[Tensor, "B T"],
    count: int,
    generator: torch.Generator,
) -> Float64[Tensor, "B count"]:
    """What the truth makes of text that a model generates: -sum q log p before each of its tokens.

    Each prompt gets `count` more tokens, drawn one by one from the model's own distribution q. If
    the model is the truth, the mean is the entropy rate.
    """
    ids, found = prompts, []
    for _ in range(count):
        log_p, log_q = truth(ids, 1)[:, 0], model(ids, 1)[:, 0]
        q = log_q.exp()
        found.append(-(q * log_p).sum(dim=-1))
        up_to = q.cumsum(dim=-1)
        u = torch.rand(len(ids), 1, dtype=torch.float64, generator=generator)
        place = torch.searchsorted(up_to, u * up_to[:, -1:], right=True)
        ids = torch.cat([ids, tokens[place]], dim=1)
    return torch.stack(found, dim=1)
