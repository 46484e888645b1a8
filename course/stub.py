"""What a student starts from: the reference solution without its solutions.

`python -m course.stub` writes course/stubs from course/reference.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

from course.steps import FILES, Step
from lab.core.entry import run

REFERENCE = Path(__file__).parent / "reference"
STUBS = Path(__file__).parent / "stubs"


def stub(source: str, steps: tuple[Step, ...]) -> str:
    """A file of the reference with only the signatures and the docstrings of its steps.

    Whatever else it defines is part of the solution, and is left out.
    """
    names, lines, kept = {step.name for step in steps}, source.splitlines(), list[str]()
    for node in ast.parse(source).body:
        above = node.lineno - 1
        while above > 0 and not lines[above - 1]:
            above -= 1
        blank = lines[above : node.lineno - 1]
        if not isinstance(node, ast.FunctionDef | ast.ClassDef):
            kept += [*blank, *lines[node.lineno - 1 : node.end_lineno]]
        elif node.name in names:
            kept += [*blank, *hollow(node, lines)]
    return "\n".join(kept) + "\n"


def hollow(node: ast.FunctionDef | ast.ClassDef, lines: list[str]) -> Iterator[str]:
    """The lines of a function without its body, or of a class with only its methods' heads."""
    described = ast.get_docstring(node) is not None
    end = node.body[0].end_lineno if described else node.body[0].lineno - 1
    yield from lines[node.lineno - 1 : end]
    if isinstance(node, ast.FunctionDef):
        yield " " * (node.col_offset + 4) + "raise NotImplementedError"
        return
    for method in node.body:
        if isinstance(method, ast.FunctionDef):
            yield ""
            yield from hollow(method, lines)


def for_student(folder: Path, file: str, student: int) -> str:
    """A file of the reference or of the stubs, with a student's number in it."""
    source = (folder / file).read_text(encoding="utf-8")
    return source.replace("config(0)", f"config({student})")


def main() -> None:
    """Write the stubs."""
    for file, steps in FILES.items():
        source = (REFERENCE / file).read_text(encoding="utf-8")
        (STUBS / file).write_text(stub(source, steps), encoding="utf-8")


if __name__ == "__main__":
    run(main)
