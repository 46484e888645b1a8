"""A power law through a few points, with an interval for its exponent."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, inf, log, sqrt
from statistics import linear_regression

from lookingglass.intervals import student_t


@dataclass(frozen=True)
class PowerLaw:
    """y = scale * x^-exponent."""

    scale: float
    exponent: float
    half_width: float
    """Half the width of the exponent's confidence interval; infinite for two points."""

    def at(self, x: float) -> float:
        """y at some x > 0."""
        return self.scale * float(x**-self.exponent)


def fit_power_law(x: Sequence[float], y: Sequence[float], confidence: float = 0.95) -> PowerLaw:
    """Least squares of log y = log scale - exponent log x, all x and y above 0.

    The interval is Student's t with n - 2 degrees of freedom: it assumes that the points scatter
    about a straight line independently and alike. Raises ValueError for fewer than two points, or
    numbers that are not above 0.
    """
    u, v = [log(each) for each in x], [log(each) for each in y]
    if len(u) < 2:
        raise ValueError(f"{len(u)} points: must be at least 2")
    slope, intercept = linear_regression(u, v)
    freedom = len(u) - 2
    if not freedom:
        return PowerLaw(exp(intercept), -slope, inf)
    squares = sum((b - intercept - slope * a) ** 2 for a, b in zip(u, v, strict=True))
    middle = sum(u) / len(u)
    error = sqrt(squares / freedom / sum((a - middle) ** 2 for a in u))
    return PowerLaw(exp(intercept), -slope, student_t(confidence, freedom) * error)
