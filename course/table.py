"""What a class got wrong: `python -m course.table CLASS`.

CLASS holds the students' folders, each with the result.json that `course.check --json` gave.
"""

import argparse
import json
from collections import Counter
from pathlib import Path
from typing import Any

from course.steps import FILES
from lab.core.entry import run
from lookingglass.errors import InputError

RESULT = "result.json"
SHOWN = 3
"""Causes shown for each step."""


def read_results(folder: Path) -> list[dict[str, Any]]:
    """What the checks gave. Raises InputError if there is nothing, or something else."""
    results = []
    for path in sorted(folder.glob(f"*/{RESULT}")):
        try:
            result = json.loads(path.read_text(encoding="utf-8"))
            by_step = {step["step"]: step for step in result["steps"]}
            results.append({"points": int(result["points"]), "steps": by_step})
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(f"{path}: not what course.check --json writes") from error
    if not results:
        raise InputError(f"{folder}: has no folders with a {RESULT}")
    return results


def table(results: list[dict[str, Any]]) -> list[str]:
    """For each step, how many passed it, and what the others got wrong, the most frequent first."""
    names = [step.name for steps in FILES.values() for step in steps]
    width, lines = max(map(len, names)), []
    for name in names:
        found = [result["steps"][name] for result in results if name in result["steps"]]
        passed = sum(step["passed"] for step in found)
        lines.append(f"{name:<{width}}  {passed:>4} of {len(found)} passed")
        wrong = Counter(
            step["cause"] or step["what"].partition(":")[0] for step in found if not step["passed"]
        )
        lines += [
            f"{'':<{width}}  {count:>4} × {cause}" for cause, count in wrong.most_common(SHOWN)
        ]
    points = sorted(result["points"] for result in results)
    half = points[len(points) // 2]
    lines.append(f"points: {points[0]} to {points[-1]}, half of the class at least {half}")
    return lines


def main() -> None:
    """Print it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, metavar="CLASS", help="with the students' folders")
    print("\n".join(table(read_results(parser.parse_args().folder))))


if __name__ == "__main__":
    run(main)
