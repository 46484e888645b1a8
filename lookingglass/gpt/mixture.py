"""A mixture of two models, w p_a + (1 - w) p_b for each token, and the best weight w."""

import math

import torch
from jaxtyping import Float64
from torch import Tensor

BISECTIONS = 60  # after 53, w has all its digits


def mix(a: Float64[Tensor, " n"], b: Float64[Tensor, " n"], weight: float) -> Float64[Tensor, " n"]:
    """log(w e^a + (1 - w) e^b) in nats, for log probabilities of the same tokens; w in [0, 1]."""
    if weight in (0, 1):  # math.log takes no 0
        return a if weight else b
    return torch.logaddexp(a + math.log(weight), b + math.log1p(-weight))


def best_weight(a: Float64[Tensor, " n"], b: Float64[Tensor, " n"]) -> float:
    """The weight of the first model that maximises the mixture's mean log probability.

    That is concave in w, so its derivative, the mean of (p_a - p_b) / (w p_a + (1 - w) p_b), falls:
    bisection finds where it changes sign.
    """
    low, high = 0.0, 1.0
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        mixed = mix(a, b, middle)
        if float(((a - mixed).exp() - (b - mixed).exp()).mean()) > 0:
            low = middle
        else:
            high = middle
    return low
