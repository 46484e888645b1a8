"""Make a student's folder: `python -m course.start DIR --student NUMBER`."""

import argparse
import shutil
from pathlib import Path

from course.config import config_of, write_config
from course.steps import FILES
from course.stub import STUBS, for_student
from lab.core.entry import run
from lookingglass.errors import InputError


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, metavar="DIR", help="to make")
    parser.add_argument(
        "--student",
        type=int,
        required=True,
        metavar="NUMBER",
        help="decides the data, the sentences, ...",
    )
    arguments = parser.parse_args()
    config, folder = config_of(arguments.student), arguments.folder
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError(f"{folder}: is there already; give a folder that is not, or an empty one")
    folder.mkdir(parents=True, exist_ok=True)
    write_config(config, folder)
    for file in FILES:
        (folder / file).write_text(for_student(STUBS, file, config.student), encoding="utf-8")
    shutil.copyfile(Path(__file__).parent / "README.md", folder / "README.md")
    print(f"student {config.student} -> {folder}")


if __name__ == "__main__":
    run(main)
