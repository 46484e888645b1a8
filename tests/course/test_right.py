"""The grader raises no false alarm: `make test-course` runs these, all but the first."""

import math

import mpmath
import pytest

from course.steps import FILES
from course.steps.likelihood import OFF, RUNS
from course.steps.process import FAR
from course.stub import REFERENCE, for_student
from tests.course.right import DIFFUSION, GPT
from tests.course.test_mistakes import check

course = pytest.mark.course

VARIANTS = [("diffusion.py", name, DIFFUSION[name]) for name in DIFFUSION]
VARIANTS += [("gpt.py", name, GPT[name]) for name in GPT]


def beyond(ratio: float, n: int) -> float:
    """The probability that a mean of n squared standard normals is above a ratio."""
    return float(mpmath.gammainc(n / 2, n / 2 * ratio, regularized=True))


def test_chance_alone_fails_fewer_than_one_check_in_ten_thousand() -> None:
    """Right solutions: the probability of each statistic to be as far off as its check allows."""
    normal, freedom = math.erfc(FAR / math.sqrt(2)), RUNS - 1
    student = float(
        mpmath.betainc(freedom / 2, 0.5, 0, freedom / (freedom + OFF**2), regularized=True)
    )
    of_steps, of_groups = 1 / math.sqrt(2 * 4000), math.sqrt(2) / math.sqrt(2 * 2000)
    of_uniform = math.sqrt((1.8 - 1) / (4 * 8000))  # of a standard deviation; 1.8 is the kurtosis
    alarms = {
        "simulate: mean, correlation": 2 * normal,
        # the tolerance of 0.06 is of finite steps, too, which are at most 0.03 off
        "simulate: standard deviations": beyond((0.03 / of_steps) ** 2, 200),
        "loss: mean of t and t^2": 2 * normal,
        "loss: noise of each group": beyond((0.1 / of_groups) ** 2, 20),
        "stochastic_sampler: mean": normal,
        # here finite steps are at most 0.04 off
        "stochastic_sampler: spread": math.erfc(0.03 / of_uniform / math.sqrt(2)),
        "diffusion_loss, elbo: five points each": 10 * student,
    }
    assert 1e-8 < sum(alarms.values()) < 1e-6, alarms


@course
@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("number", range(100))
def test_the_reference_passes_for_every_number(file: str, number: int) -> None:
    source = for_student(REFERENCE, file, number)
    verdicts = [check(file, step.name, number, source) for step in FILES[file]]
    assert not [verdict for verdict in verdicts if not verdict.passed]


@course
@pytest.mark.parametrize(("file", "name", "code"), VARIANTS, ids=lambda each: each[:20])
@pytest.mark.parametrize("number", range(200, 220))
def test_other_right_solutions_pass(file: str, name: str, code: str, number: int) -> None:
    source = for_student(REFERENCE, file, number) + code
    verdicts = [check(file, step.name, number, source) for step in FILES[file]]
    assert not [verdict for verdict in verdicts if not verdict.passed]
