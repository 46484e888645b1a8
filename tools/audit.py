"""Run each stage with nothing but what it declares: `python -m tools.audit [STAGE ...]`.

A stage gets an empty directory with copies of its `deps:` and a params.yaml cut down to its
`params:`. There it must write its outputs and nothing else, with the bytes of dvc.lock, which also
catches dates and paths in them. A stage that fails might be skipped by DVC when it should run.

Imports, relative paths and anything else that Python opens in the checkout are caught. Not caught:
files that compiled code opens by an absolute path, files outside the checkout, and environment
variables.
"""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lab.core.entry import run
from lab.core.params import PARAMS, read
from lab.core.yaml12 import dump
from lookingglass.errors import InputError
from tools.deps import PACKAGES
from tools.pipeline import Stage, behind, declared
from tools.ship import MACHINE, machine

WATCH = Path(__file__).with_name("watch.py")
# folders that are not artifacts, and the dependency whose users may have them
KEPT = {"lab/training": ".checkpoints", "lab/data": ".downloads"}


def md5(path: Path) -> str:
    return hashlib.md5(path.read_bytes()).hexdigest()


def cut_down(document: dict[str, Any], keys: tuple[str, ...]) -> dict[str, Any]:
    """Only these sections and section.keys of the parameters."""
    cut: dict[str, Any] = {}
    for key in keys:
        section, _, name = key.partition(".")
        if name:
            cut.setdefault(section, {})[name] = document[section][name]
        else:
            cut[section] = document[section]
    return cut


def prepare(stage: Stage, directory: Path) -> None:
    """Copy what the stage declares, and what it may keep between runs."""
    for name in stage.deps:
        copy = directory / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        if Path(name).is_dir():
            shutil.copytree(
                name, copy, ignore=shutil.ignore_patterns("__pycache__"), dirs_exist_ok=True
            )
        else:
            shutil.copyfile(name, copy)
        if name.split("/")[0] in PACKAGES:
            for folder in list(Path(name).parents)[:-1]:  # packages, whose __init__.py is empty
                (directory / folder / "__init__.py").touch()
        if name in KEPT and Path(KEPT[name]).is_dir():
            shutil.copytree(KEPT[name], directory / KEPT[name])
    if stage.params:
        (directory / PARAMS).write_text(dump(cut_down(read(), stage.params)), encoding="utf-8")


def execute(stage: Stage, directory: Path, guard: Path) -> tuple[str | None, list[str]]:
    """Run the command there; return why it failed (if it did) and the undeclared files it read."""
    log = guard / "log"
    call = f"\n\nwatch({str(Path.cwd().resolve())!r}, {str(log)!r})\n"
    watch = WATCH.read_text(encoding="utf-8") + call
    (guard / "sitecustomize.py").write_text(watch, encoding="utf-8")
    path = str(Path(sys.executable).parent) + os.pathsep + os.environ["PATH"]
    own = {"PATH": path, "PYTHONPATH": str(guard), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        stage.command,
        shell=True,
        cwd=directory,
        env=os.environ | own,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="replace",
    )
    failure = None if log.is_file() else "cannot be watched: it does not run in this Python"
    if done.returncode:
        lines = done.stderr.strip().splitlines() or ["no message"]
        failure = f"exit code {done.returncode}: {lines[-1]}"
    reads = log.read_text(encoding="utf-8").splitlines() if log.is_file() else []
    return failure, sorted(set(reads))


def compare(stage: Stage, directory: Path, before: dict[Path, str]) -> Iterator[str]:
    """Problems with the files that the stage left."""
    kept = tuple(KEPT[name] for name in stage.deps if name in KEPT)
    for file in sorted(file for file in directory.rglob("*") if file.is_file()):
        name = file.relative_to(directory)
        if file not in before and name.as_posix() not in stage.outs and name.parts[0] not in kept:
            yield f"writes {name.as_posix()}, which is not among its outputs"
    for file, hashed in before.items():
        if not file.is_file() or md5(file) != hashed:
            yield f"changes {file.relative_to(directory).as_posix()}, which is among its deps"
    for out, locked in stage.outs.items():
        if not (directory / out).is_file():
            yield f"does not write {out}"
        elif md5(directory / out) != locked:
            if stage.name.startswith("train_") and machine() != MACHINE.read_text().strip():
                print(f"{stage.name}: {out} has other bytes, on another kind of machine")
            else:
                yield f"gives {out} other bytes than dvc.lock has"


def audit(stage: Stage) -> list[str]:
    """Everything a stage does without declaring it."""
    with tempfile.TemporaryDirectory() as directory, tempfile.TemporaryDirectory() as guard:
        place = Path(directory).resolve()
        prepare(stage, place)
        before = {file: md5(file) for file in place.rglob("*") if file.is_file()}
        failure, reads = execute(stage, place, Path(guard).resolve())
        problems = [f"reads {name}, which is not among its deps" for name in reads]
        problems += [failure] if failure else compare(stage, place, before)
    return [f"{stage.name}: {problem}" for problem in problems]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("stage", nargs="*", help="of dvc.yaml; all, if none is named")
    stages = declared()
    names = parser.parse_args().stage or list(stages)
    if unknown := [name for name in names if name not in stages]:
        raise InputError(f"{unknown[0]}: no such stage; there are {', '.join(stages)}")
    if stale := sorted(set(behind()) & set(names)):
        raise InputError(f"{', '.join(stale)}: not as dvc.lock says; run 'dvc repro' first")
    problems = []
    for name in names:
        start = time.perf_counter()
        found = audit(stages[name])
        problems += found
        verdict = f"{len(found)} wrong" if found else "as declared"
        print(f"{name:<22} {verdict}, {time.perf_counter() - start:.1f} s", flush=True)
    if problems:
        raise InputError("\n".join(problems))
    print(f"all good: only what they declare, and the bytes of dvc.lock; stages: {len(names)}")


if __name__ == "__main__":
    run(main)
