"""Write the reference solution: `python -m course.solution DIR --student NUMBER`."""

import argparse
from pathlib import Path

from course.config import config_of, write_config
from course.steps import FILES
from course.stub import REFERENCE, for_student
from lab.core.entry import run


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, metavar="DIR", help="to write it to")
    parser.add_argument("--student", type=int, required=True, metavar="NUMBER")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    write_config(config_of(arguments.student), arguments.folder)
    for file in FILES:
        (arguments.folder / file).write_text(
            for_student(REFERENCE, file, arguments.student), encoding="utf-8"
        )
    print(f"the solution of student {arguments.student} -> {arguments.folder}")


if __name__ == "__main__":
    run(main)
