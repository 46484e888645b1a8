"""One zip to hand in (exercise 4.2.3): README, code, weights of both methods, and the report.

Both examples run from it after `pip install`, without git or DVC. The same files give the same
bytes, with the same zlib.
"""

import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path

from pydantic import ConfigDict

from lab.core.artifacts import read_bytes, write_bytes, zip_entry
from lab.core.entry import run
from lab.core.params import PARAMS, Section, read, validate
from lookingglass.errors import InputError
from tools.ship import COPIES

OUTPUT = "submission.zip"
WEIGHTS = ("models/diffusion.safetensors", "models/gpt.safetensors")  # one for each method (4.2.2)
TOOLS = "report/tools.md"  # the user's own, if there is one (4.1.1)
BEGINNING = """\
This copy has neither git nor DVC's state; `make` and the tests need the repository itself. In a
virtual environment:

```sh
python -m pip install -c constraints.txt .
python example_diffusion.py
python example_gpt.py
```

"""


class Author(Section):
    """Of the section `report`, the key that goes into the README."""

    model_config = ConfigDict(extra="ignore")
    author: str = ""


def git(*arguments: str) -> set[str]:
    """What git lists. Raises InputError where there is no repository."""
    done = subprocess.run(
        ["git", "ls-files", "-z", *arguments], capture_output=True, encoding="utf-8"
    )
    if done.returncode:
        raise InputError(f"git: {done.stderr.splitlines()[0]}; only a repository can be packed")
    return {name for name in done.stdout.split("\0") if Path(name).is_file()}


def check_made() -> None:
    """Raise InputError unless DVC calls all that the pipeline makes up to date."""
    done = subprocess.run(
        [sys.executable, "-m", "dvc", "status", "--json"], capture_output=True, encoding="utf-8"
    )
    if done.returncode:
        raise InputError(f"dvc status: {(done.stderr.strip() or 'failed').splitlines()[-1]}")
    if changed := list(json.loads(done.stdout)):
        shown = ", ".join(changed[:3]) + (f" and {len(changed) - 3} more" if changed[3:] else "")
        raise InputError(f"not made, or no longer up to date: {shown}; run 'dvc repro' first")


def own_files() -> set[str]:
    """Where the points and the text come from; git may not know files of the user's own."""
    document, names = read(), {TOOLS} if Path(TOOLS).is_file() else set()
    for section in ("points", "corpus"):
        path = Path(document[section]["file"])
        if path.is_absolute() or ".." in path.parts:
            raise InputError(
                f"{PARAMS}: {section}.file = '{path}': must be in this folder to go into the zip"
            )
        names.add(path.as_posix())
    return names


def readme(author: str) -> bytes:
    name = f"Submitted by {author}.\n\n" if author else ""
    return (name + BEGINNING).encode() + read_bytes("README.md")


def packed(files: dict[str, bytes]) -> bytes:
    """A zip without dates, users or an order of its own."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in sorted(files.items()):
            archive.writestr(zip_entry(name), data, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def main() -> None:
    # what begins with a dot is how git, DVC and CI work here
    tracked = {name for name in git() if not name.startswith(".")} - {"dvc.lock"}
    names = tracked | own_files() | {*WEIGHTS}
    author = validate("report", read().get("report", {}), Author).author.strip()
    check_made()
    files = {name: read_bytes(name) for name in names} | {"README.md": readme(author)}
    files |= {copy: read_bytes(out) for out, copy in COPIES.items()}  # git's may be older
    data = packed(files)
    write_bytes(OUTPUT, data)
    print(f"{len(files)} files, {len(data):,} bytes -> {OUTPUT}")
    if left_out := sorted(git("--others", "--exclude-standard") - names):
        print(f"left out, because git does not know them: {', '.join(left_out)}")
    if not author:
        print(f"{PARAMS}: report.author is not set, so the README in it names nobody")


if __name__ == "__main__":
    run(main)
