"""Keep the training stages' artifacts in git, so that a fresh clone need not train.

DVC's objects for the outputs of every `train_` stage in dvc.lock are committed under .dvc/cache.
`python -m stages.ship` stages exactly those with git; `--check` verifies that git holds each of
them, whole, and no others.
"""

import argparse
import hashlib
import platform
import subprocess
from pathlib import Path

from ruamel.yaml import YAML

from lookingglass.artifacts import write_bytes
from lookingglass.errors import InputError
from stages.entry import run

CACHE = Path(".dvc/cache/files/md5")
MACHINE = Path(".dvc/shipped-on")
LIMIT = 10_000_000  # bytes, all together: a clone should stay small


def git(*arguments: str) -> str:
    return subprocess.run(
        ["git", *arguments], check=True, capture_output=True, encoding="utf-8"
    ).stdout


def shipped() -> dict[Path, str]:
    """Each object to ship, and the artifact that it is."""
    lock = YAML(typ="safe").load(Path("dvc.lock").read_text(encoding="utf-8"))
    return {
        CACHE / out["md5"][:2] / out["md5"][2:]: out["path"]
        for name, stage in lock["stages"].items()
        if name.startswith("train_")
        for out in stage["outs"]
    }


def tracked() -> set[Path]:
    return {Path(name) for name in git("ls-files", "-z", ".dvc/cache").split("\0") if name}


def machine() -> str:
    """What trained bytes depend on beside the code: the kind of processor, and torch."""
    import torch  # here, because --check need not wait for them

    from lookingglass.device import pick_device

    device, version = pick_device().type, torch.__version__.partition("+")[0]
    kind = torch.backends.cpu.get_cpu_capability() if device == "cpu" else device
    return f"{platform.system()} {platform.machine()} {kind} torch {version}"


def check() -> None:
    objects = shipped()
    problems = [f"{path}: in git, but no trained artifact" for path in tracked() - set(objects)]
    for path, artifact in objects.items():
        if path not in tracked():
            problems.append(f"{artifact}: its object {path} is not in git")
        elif not path.is_file():
            problems.append(f"{artifact}: its object is gone; 'git checkout {path}' brings it back")
        elif hashlib.md5(path.read_bytes()).hexdigest() != path.parent.name + path.name:
            problems.append(
                f"{artifact}: its object {path} is damaged; "
                f"'rm -f {path}', then 'git checkout {path}', mends it"
            )
        elif git("diff", "--name-only", "--", str(path)):
            problems.append(f"{artifact}: git holds other bytes for {path}")
    size = sum(path.stat().st_size for path in objects if path.is_file())
    if size > LIMIT:
        problems.append(f"{size:,} bytes shipped; at most {LIMIT:,}")
    if problems:
        raise InputError("\n".join([*sorted(problems), "'make ship' stages what dvc.lock names"]))
    print(f"shipped: {len(objects)} objects, {size:,} bytes, all whole")


def ship() -> None:
    objects = shipped()
    if missing := [path for path in objects if not path.is_file()]:
        raise InputError(f"{objects[missing[0]]}: not in DVC's cache; run 'dvc repro' first")
    before = tracked()
    if stale := sorted(map(str, before - set(objects))):
        git("rm", "--quiet", "--cached", "--", *stale)
    if before != set(objects):
        write_bytes(MACHINE, f"{machine()}\n".encode())
    git("add", "--force", "--", *map(str, objects), str(MACHINE))
    check()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="verify only")
    if parser.parse_args().check:
        check()
    else:
        ship()


if __name__ == "__main__":
    run(main)
