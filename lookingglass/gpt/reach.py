"""Which tokens a GPT can produce at all, whatever the input (why an inversion may have to fail).

The last layer norm gives the head a hidden state g u + b with sum(u) = 0 and |u|^2 < n_embd. Over
that ball both a token's log probability and its lead over every other token are concave, so the
best state for it can be found, and a bound for all states follows from the gradient there. Where
the bound on the lead is negative, no input of any kind makes the token the likeliest. (Demeter et
al. 2020, "Stolen probability", and Grivas et al. 2022, "Low-rank softmax can have unargmaxable
classes in theory but rarely in practice", ask the same of heads without a norm.)
"""

import math
from dataclasses import dataclass

import torch
from jaxtyping import Float64, Int64
from torch import Tensor
from torch.nn.functional import logsigmoid

from lookingglass.gpt.inversion import check_text, representatives
from lookingglass.gpt.model import GPT

Numbers = Float64[Tensor, " n"]

_SHARPNESS = (1.0, 4.0, 16.0, 64.0)  # of the soft minimum; each ascent starts where the last ended
_STEPS = 200  # at each sharpness


@dataclass(frozen=True)
class Reach:
    """The most that any hidden state gives to each token, in nats, as found and as bounded."""

    log_prob: Numbers
    """Largest log p, over all of GPT-2's tokens."""
    log_prob_bound: Numbers
    usual_lead: Numbers
    """Lead over the likeliest other token at the state of largest log p. Below 0, minimising
    cross-entropy does not produce the token."""
    lead: Numbers
    """Largest lead over the likeliest other token."""
    lead_bound: Numbers


@dataclass(frozen=True)
class _Head:
    """Logits slope u + offset of each row, and the row that should lead, for each of n tokens."""

    slope: Float64[Tensor, "rows n_embd"]
    offset: Float64[Tensor, " rows"]
    row: Int64[Tensor, " n"]

    def over(self, u: Float64[Tensor, "n n_embd"]) -> Float64[Tensor, "n rows"]:
        """By how much each other row's logit exceeds the token's."""
        logits = u @ self.slope.T + self.offset
        own = self.row.unsqueeze(1)
        return (logits - logits.gather(1, own)).scatter(1, own, -math.inf)

    def lead(self, u: Float64[Tensor, "n n_embd"]) -> Numbers:
        """By how much the token's logit exceeds every other."""
        return -self.over(u).amax(dim=1)

    def soft_lead(
        self, u: Float64[Tensor, "n n_embd"], sharpness: float
    ) -> tuple[Numbers, Float64[Tensor, "n n_embd"], Numbers, Numbers]:
        """The soft minimum of the leads, its gradient, and bounds for all u in the ball.

        The first bound is on the soft minimum: as that is concave, it lies below its tangent.
        The second is on the lead itself: a minimum is at most any weighted mean.
        """
        over = sharpness * self.over(u)
        soft, weights = -over.logsumexp(dim=1) / sharpness, over.softmax(dim=1)
        gradient = self.slope[self.row] - weights @ self.slope
        steepest = math.sqrt(u.shape[1]) * gradient.norm(dim=1)  # largest of gradient . u
        offset = torch.where(weights > 0, weights * self.offset, 0.0).sum(dim=1)
        tangent = soft + steepest - (gradient * u).sum(dim=1)
        return soft, gradient, tangent, self.offset[self.row] - offset + steepest

    def climb(
        self, u: Float64[Tensor, "n n_embd"], sharpness: float
    ) -> Float64[Tensor, "n n_embd"]:
        """The state in the ball where the soft minimum is largest, starting from u.

        Accelerated projected gradient ascent (FISTA; Beck and Teboulle 2009) that resets its
        momentum where that points downhill (O'Donoghue and Candès 2015).
        """
        radius = math.sqrt(u.shape[1])
        spread = self.slope - self.slope.mean(dim=0)
        # the curvature is at most sharpness times a variance of slopes; far rows have little weight
        step = 4 / (sharpness * spread.square().sum(dim=1).max())
        ahead, t = u, torch.ones_like(u[:, :1])
        for _ in range(_STEPS):
            gradient = self.soft_lead(ahead, sharpness)[1]
            new = ahead + step * gradient
            new = new * (radius / new.norm(dim=1, keepdim=True)).clamp(max=1)
            downhill = (gradient * (new - u)).sum(dim=1, keepdim=True) < 0
            later = torch.where(downhill, 1.0, (1 + (1 + 4 * t**2).sqrt()) / 2)
            momentum = torch.where(downhill, 0.0, (t - 1) / later)
            ahead, u, t = new + momentum * (new - u), new, later
        return u


@torch.no_grad()
def reach(gpt: GPT, ids: Int64[Tensor, " n"]) -> Reach:
    """How probable any input can make each token, and how far ahead of all others.

    Computed in float64. The bounds hold whether or not the ascent has converged; their gap to what
    was found shows how well it has. Raises ValueError as check_text does.
    """
    check_text(gpt, ids)
    weight = gpt.token_embedding.weight.double()
    slope = weight * gpt.ln_f.weight.double()
    slope = slope - slope.mean(dim=1, keepdim=True)  # u has mean 0, so this changes no logit
    offset = gpt.head_bias.double() + weight @ gpt.ln_f.bias.double()
    row = gpt.row[ids]

    # over rows, log p = log sigmoid of the soft minimum of sharpness 1
    rows = _Head(slope, offset, row)
    start = torch.zeros(len(ids), slope.shape[1], dtype=slope.dtype, device=slope.device)
    likely = rows.climb(start, 1.0)
    soft, _, bound, _ = rows.soft_lead(likely, 1.0)

    # a token must lead the likeliest token of every other row
    tokens = _Head(slope, offset + representatives(gpt)[1], row)
    u = likely
    for sharpness in _SHARPNESS:
        u = tokens.climb(u, sharpness)
    return Reach(
        logsigmoid(soft),
        logsigmoid(bound),
        tokens.lead(likely),
        tokens.lead(u),
        tokens.soft_lead(u, _SHARPNESS[-1])[3],
    )
