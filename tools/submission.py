"""One zip to hand in (exercise 4.2.3): what is committed, weights of both methods, the documents.

Both examples run from it after `pip install`, without git or DVC. The same commit gives the same
bytes, with the same git.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from lab.core.artifacts import read_bytes, write_bytes
from lab.core.entry import run
from lab.core.params import PARAMS, load, read
from lookingglass.errors import InputError
from stages.report import Params
from tools.ship import COPIES

OUTPUT = "submission.zip"
WEIGHTS = ("models/diffusion.safetensors", "models/gpt.safetensors")  # one for each method (4.2.2)
README = "README.md"
BEGINNING = """\
This copy has neither git nor DVC's state; `make` and the tests need the repository itself. In a
virtual environment:

```sh
python -m pip install -c constraints.txt .
python example_diffusion.py
python example_gpt.py
```

"""


def output(*command: str) -> bytes:
    """What a command writes. Raises InputError, with the last line of its complaint."""
    done = subprocess.run(command, capture_output=True)
    if done.returncode:
        complaint = done.stderr.decode(errors="replace").strip() or "failed"
        raise InputError(f"{' '.join(command[:2])}: {complaint.splitlines()[-1]}")
    return done.stdout


def check_made() -> None:
    """Raise InputError unless all that the pipeline makes is up to date, and changes committed."""
    changed = output("git", "status", "--porcelain", "--untracked-files=no").decode()
    status = output(sys.executable, "-m", "dvc", "status", "--json", "dvc.yaml")  # not of the seeds
    if stale := ", ".join(json.loads(status)):
        raise InputError(f"not made, or no longer up to date: {stale}; run 'dvc repro' first")
    if names := ", ".join(line[3:] for line in changed.splitlines()):
        raise InputError(f"not committed: {names}; run 'git commit --all' first")


def own_files() -> set[str]:
    """Where points, text and sampler come from; git may not know files of the user's own."""
    document, names = read(), set()
    for key, section in (
        ("points", document["points"]),
        ("corpus", document["corpus"]),
        ("sample.solver", document["sample"]["solver"]),
    ):
        path = Path(section["file"])
        if path.is_absolute() or ".." in path.parts:
            raise InputError(
                f"{PARAMS}: {key}.file = '{path}': must be in this folder to go into the zip"
            )
        names.add(path.as_posix())
    return names


def packed(readme: bytes, added: dict[str, str]) -> bytes:
    """A zip of what is committed and of `added`, files by their names in it, as they are now."""
    # what begins with a dot, and dvc.lock, is how git, DVC and CI work here
    without = [":(exclude).*", ":(exclude)dvc.lock"]
    without += [f":(exclude,literal){name}" for name in (README, *added.values())]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, README)
        path.write_bytes(readme)
        options = [f"--add-file={path}"]
        for file, name in sorted(added.items()):
            options += [f"--prefix={name.removesuffix(Path(name).name)}", f"--add-file={file}"]
        return output("git", "archive", "--format=zip", *options, "--prefix=", "HEAD", *without)


def main() -> None:
    added = {name: name for name in {*WEIGHTS, *own_files()}} | COPIES  # git's may be older
    check_made()
    author = load("report", Params).author.strip()
    name = f"Submitted by {author}.\n\n" if author else ""
    data = packed((name + BEGINNING).encode() + read_bytes(README), added)
    write_bytes(OUTPUT, data)
    print(f"{len(data):,} bytes -> {OUTPUT}")
    untracked = output("git", "ls-files", "-z", "--others", "--exclude-standard").decode()
    if left_out := sorted({*untracked.split("\0")} - {*added, ""}):
        print(f"left out, because git does not know them: {', '.join(left_out)}")
    if not author:
        print(f"{PARAMS}: report.author is not set, so the README in it names nobody")


if __name__ == "__main__":
    run(main)
