"""The grader against the reference solution, right and with mistakes planted in it."""

import ast
from pathlib import Path

import pytest

from course.config import config_of
from course.run_step import Verdict, check_here, execute
from course.steps import FILES
from course.stub import REFERENCE, STUBS, for_student, stub
from tests.course.mistakes import DIFFUSION, GPT, Mistake

PLANTED = [("diffusion.py", each) for each in DIFFUSION] + [("gpt.py", each) for each in GPT]


def plant(source: str, mistake: Mistake) -> str:
    """The reference with a mistake in one step, or in what only that step uses."""
    [node] = [
        node
        for node in ast.parse(source).body
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name == mistake.step
    ]
    start = sum(len(line) + 1 for line in source.split("\n")[: node.body[0].end_lineno])
    place = source.find(mistake.right, start)
    if place < 0:
        place = source.index(mistake.right)
    return source[:place] + mistake.wrong + source[place + len(mistake.right) :]


def check(file: str, name: str, number: int, source: str) -> Verdict:
    """The verdict on one step of this source."""
    [step] = [step for step in FILES[file] if step.name == name]
    reference = execute("reference", for_student(REFERENCE, file, number), Path(), file)
    student = execute("student", source, Path(), file)
    return check_here(student, reference, step, FILES[file], config_of(number))


@pytest.mark.parametrize(("file", "mistake"), PLANTED, ids=lambda each: getattr(each, "step", ""))
def test_a_planted_mistake_is_caught_and_named(file: str, mistake: Mistake) -> None:
    number = 7
    verdict = check(
        file, mistake.step, number, plant(for_student(REFERENCE, file, number), mistake)
    )
    assert not verdict.passed
    assert mistake.cause in verdict.cause


@pytest.mark.parametrize("number", [1, 2])
@pytest.mark.parametrize(
    ("file", "name"), [(file, step.name) for file, steps in FILES.items() for step in steps]
)
def test_the_reference_passes(file: str, name: str, number: int) -> None:
    assert check(file, name, number, for_student(REFERENCE, file, number)) == Verdict(name, True)


def test_without_the_reference_a_step_needs_the_students_own() -> None:
    """Where a lecturer keeps the solution apart."""
    file, steps, config = "diffusion.py", FILES["diffusion.py"], config_of(4)
    [step] = [step for step in steps if step.name == "algorithm_1"]
    source = for_student(REFERENCE, file, 4)
    wrong = source.replace("CONFIG.rate * (t - 1)", "CONFIG.rate * t")
    for code, right in ((source, True), (wrong, False)):
        student = execute("student", code, Path(), file)
        assert check_here(student, None, step, steps, config).passed == right
    reference = execute("reference", source, Path(), file)
    student = execute("student", wrong, Path(), file)
    assert check_here(student, reference, step, steps, config).passed


@pytest.mark.parametrize("file", FILES)
def test_the_stubs_are_the_reference_without_its_solutions(file: str) -> None:
    source = (REFERENCE / file).read_text(encoding="utf-8")
    assert (STUBS / file).read_text(encoding="utf-8") == stub(source, FILES[file])
    for step in FILES[file]:
        assert check(file, step.name, 3, for_student(STUBS, file, 3)).what == "not done yet"
