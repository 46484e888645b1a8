"""The grader raises no false alarm: `make test-course` runs these."""

import pytest

from course.steps import FILES
from course.stub import REFERENCE, for_student
from tests.course.right import DIFFUSION, GPT
from tests.course.test_mistakes import check

pytestmark = pytest.mark.course

VARIANTS = [("diffusion.py", name, DIFFUSION[name]) for name in DIFFUSION]
VARIANTS += [("gpt.py", name, GPT[name]) for name in GPT]


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("number", range(100))
def test_the_reference_passes_for_every_number(file: str, number: int) -> None:
    source = for_student(REFERENCE, file, number)
    verdicts = [check(file, step.name, number, source) for step in FILES[file]]
    assert not [verdict for verdict in verdicts if not verdict.passed]


@pytest.mark.parametrize(("file", "name", "code"), VARIANTS, ids=lambda each: each[:20])
@pytest.mark.parametrize("number", range(200, 220))
def test_other_right_solutions_pass(file: str, name: str, code: str, number: int) -> None:
    source = for_student(REFERENCE, file, number) + code
    verdicts = [check(file, step.name, number, source) for step in FILES[file]]
    assert not [verdict for verdict in verdicts if not verdict.passed]
