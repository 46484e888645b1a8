"""Numbers with their intervals, and comparisons, in words: there is no other place for these.

The words are plain text, the same in the report, in the models' pages and in the terminal.
"""

from math import floor, isfinite, log10
from typing import Literal

from lookingglass.comparison import Comparison

Kind = Literal["nats", "excess", "fraction", "count"]
"""What a number is: nats per token, an excess loss, a fraction (shown in %), a number of things."""

DIGITS: dict[Kind, int] = {"nats": 3, "excess": 2, "fraction": 1, "count": 0}
"""After the decimal point, where no interval says how many are meant."""

SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def fixed(value: float, digits: int) -> str:
    """With so many digits after the point, and a minus sign that is not a hyphen."""
    rounded = round(value, digits) + 0.0  # no minus before a zero
    return f"{rounded:.{digits}f}".replace("-", "−")


def with_interval(mean: float, half_width: float, kind: Kind) -> str:
    """A mean and its interval to the second digit of half its width: "5.056 ± 0.012".

    Without an interval (half_width infinite) the mean alone.
    """
    scale, unit, digits = 1.0, "", DIGITS[kind]
    if kind == "fraction":
        scale, unit = 100.0, "%"
    if kind == "excess" and 0 < abs(mean) < 0.1:
        exponent = floor(log10(abs(mean)))
        scale, unit = 10.0**-exponent, f"·10{str(exponent).translate(SUPERSCRIPTS)}"
    mean, half_width = mean * scale, half_width * scale
    if not isfinite(half_width):
        return f"{fixed(mean, digits)}{unit}"
    if half_width > 0:
        digits = min(max(1 - floor(log10(half_width)), 0), 6)
    text = f"{fixed(mean, digits)} ± {fixed(half_width, digits)}"
    return f"({text}){unit}" if kind == "excess" and unit else f"{text}{unit}"


def averaged(mean: float, half_width: float, kind: Kind) -> str:
    """The same for a mean over seeds, which says so if it is of one seed."""
    text = with_interval(mean, half_width, kind)
    return text if isfinite(half_width) else f"{text} (one seed)"


def compared(found: Comparison, kind: Kind) -> str:
    """The verdict and the difference, to follow "compared with B, A is"."""
    if found.verdict != "not distinguishable":
        return f"{found.verdict}, by {with_interval(abs(found.difference), found.half_width, kind)}"
    difference = with_interval(found.difference, found.half_width, kind)
    by_one = " by one seed" if found.pairs == 1 else ""
    return f"{found.verdict}{by_one} (difference {difference})"
