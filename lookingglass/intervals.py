"""Confidence intervals of means."""

from collections.abc import Sequence
from math import cos, inf, pi, sin, sqrt, tan
from statistics import fmean, stdev


def mean_interval(values: Sequence[float], confidence: float = 0.95) -> tuple[float, float]:
    """The mean of independent values, and half the width of its interval by Student's t.

    The width is infinite for one value, which says nothing about the spread.
    """
    if len(values) < 2:
        return fmean(values), inf
    error = stdev(values) / sqrt(len(values))
    return fmean(values), student_t(confidence, len(values) - 1) * error


def student_t(confidence: float, freedom: int) -> float:
    """The t with P(|T| <= t) = confidence, for a whole number of degrees of freedom.

    By bisection of the angle atan(t / sqrt(freedom)), to the last digits.
    """
    low, high = 0.0, pi / 2
    for _ in range(60):
        middle = (low + high) / 2
        if _within(middle, freedom) < confidence:
            low = middle
        else:
            high = middle
    return sqrt(freedom) * tan(low)


def _within(angle: float, freedom: int) -> float:
    """P(|T| <= sqrt(freedom) tan(angle)): Abramowitz and Stegun, 26.7.3 and 26.7.4."""
    odd = freedom % 2
    term = cos(angle) if odd else 1.0
    total = 0.0 if freedom == 1 else term
    for k in range(2 + odd, freedom, 2):  # term by term up to cos(angle)^(freedom - 2)
        term *= (k - 1) / k * cos(angle) ** 2
        total += term
    return 2 / pi * (angle + sin(angle) * total) if odd else sin(angle) * total
