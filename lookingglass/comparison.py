"""Is one thing better than another? Decided from the interval of their paired differences."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from lookingglass.intervals import mean_interval

Verdict = Literal["better", "worse", "not distinguishable"]


@dataclass(frozen=True)
class Comparison:
    """How a compares with b."""

    verdict: Verdict
    difference: float  # the mean of a - b, in their unit
    half_width: float  # of its interval; infinite for one pair
    pairs: int


def compare(
    a: Sequence[float],
    b: Sequence[float],
    *,
    lower_is_better: bool = True,
    confidence: float = 0.95,
) -> Comparison:
    """Whether a is better than b, worse, or not distinguishable: their difference may be 0.

    a and b are values at the same seeds, in the same order; what has no seed is the same at each.
    One pair has no interval, so it distinguishes nothing. Raises ValueError for different lengths.
    """
    differences = [x - y for x, y in zip(a, b, strict=True)]
    mean, half_width = mean_interval(differences, confidence)
    verdict: Verdict = "not distinguishable"
    if abs(mean) > half_width:
        verdict = "better" if (mean < 0) == lower_is_better else "worse"
    return Comparison(verdict, mean, half_width, len(differences))
