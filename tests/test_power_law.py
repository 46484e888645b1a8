import random
from math import exp, inf, log

import pytest

from lookingglass.power_law import fit_power_law


def test_an_exact_power_law() -> None:
    x = [10.0, 100.0, 1000.0, 1e6]
    law = fit_power_law(x, [3 * each**-0.25 for each in x])
    assert law.scale == pytest.approx(3)
    assert law.exponent == pytest.approx(0.25)
    assert law.half_width == pytest.approx(0, abs=1e-9)
    assert law.at(16.0) == pytest.approx(1.5)


def test_by_hand() -> None:
    # log y = 0, 1, 0 over log x = 0, 1, 2: slope 0; residuals -1/3, 2/3, -1/3; t(0.95, 1) = 12.7062
    law = fit_power_law([1.0, exp(1), exp(2)], [1.0, exp(1), 1.0])
    assert law.exponent == pytest.approx(0, abs=1e-12)
    assert log(law.scale) == pytest.approx(1 / 3)
    assert law.half_width == pytest.approx(12.7062 * (2 / 3 / 2) ** 0.5, rel=1e-5)


def test_two_points_have_no_interval_and_one_no_line() -> None:
    assert fit_power_law([1.0, 2.0], [1.0, 4.0]).exponent == pytest.approx(-2)
    assert fit_power_law([1.0, 2.0], [1.0, 4.0]).half_width == inf
    with pytest.raises(ValueError, match="at least 2"):
        fit_power_law([1.0], [1.0])


def test_the_interval_covers_the_exponent_as_often_as_it_says() -> None:
    chance, x, covered = random.Random(0), [1e4, 3e4, 1e5, 3e5, 1e6], 0
    for _ in range(1000):
        law = fit_power_law(x, [each**-0.4 * exp(chance.gauss(0, 0.1)) for each in x])
        covered += abs(law.exponent - 0.4) < law.half_width
    assert 930 < covered < 970
