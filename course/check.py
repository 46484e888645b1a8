"""Check a student's folder: `python -m course.check DIR`.

Exit code 0 if all but the bonus passes, 1 if something does not, 2 if the folder is not one.
"""

import argparse
import json
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path

from course.config import read_config
from course.run_step import Verdict, check_apart
from course.steps import FILES, Step
from lab.core.entry import run
from lab.core.progress import progress
from lookingglass.errors import InputError

AT_ONCE = 2


def check_folder(folder: Path, names: list[str]) -> list[tuple[str, Step, Verdict]]:
    """The verdict on each step, or each of these names, by file, in the exercise's order.

    Raises InputError for a name that no step has.
    """
    every = [(file, step) for file, steps in FILES.items() for step in steps]
    known = [step.name for _, step in every]
    if unknown := [name for name in names if name not in known]:
        raise InputError(f"no step is named {unknown[0]}; there are {', '.join(known)}")
    asked = [(file, step) for file, step in every if not names or step.name in names]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        verdicts = pool.map(lambda each: check_apart(folder, *each), asked)
        shown = progress(verdicts, total=len(asked), title="checking")
        return [(file, step, verdict) for (file, step), verdict in zip(asked, shown, strict=True)]


def lines(found: list[tuple[str, Step, Verdict]]) -> list[str]:
    """What is printed for people."""
    width = max(len(step.name) for _, step, _ in found)
    text = []
    for file in FILES:
        text.append(file)
        for name, step, verdict in found:
            if name != file:
                continue
            said = "passed" if verdict.passed else verdict.what
            text.append(f"  {step.name:<{width}}  {said}{' (bonus)' if step.bonus else ''}")
            if verdict.cause:
                text.append(f"  {'':<{width}}  {verdict.cause}")
    return text


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, metavar="DIR", help="made by course.start")
    parser.add_argument("steps", nargs="*", metavar="STEP", help="only these, instead of all")
    parser.add_argument("--json", action="store_true", help="print the verdicts for a script")
    parser.add_argument("--points", action="store_true", help="print the points, too")
    arguments = parser.parse_args()
    config = read_config(arguments.folder)
    found = check_folder(arguments.folder, arguments.steps)
    points, bonus = (
        sum(step.points for _, step, verdict in found if verdict.passed and step.bonus == extra)
        for extra in (False, True)
    )
    most = sum(step.points for _, step, _ in found if not step.bonus)
    if arguments.json:
        steps = [
            {"file": file, "points": step.points, "bonus": step.bonus, **asdict(verdict)}
            for file, step, verdict in found
        ]
        print(
            json.dumps(
                {
                    "student": config.student,
                    "points": points,
                    "of": most,
                    "bonus": bonus,
                    "steps": steps,
                },
                indent=2,
            )
        )
    else:
        print("\n".join(lines(found)))
        print(f"{sum(verdict.passed for _, _, verdict in found)} of {len(found)} steps passed")
        if arguments.points:
            print(f"{points} points of {most}, and {bonus} of bonus")
    if not all(verdict.passed or step.bonus for _, step, verdict in found):
        sys.exit(1)


if __name__ == "__main__":
    run(main)
