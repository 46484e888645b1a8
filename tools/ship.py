"""Ship artifacts in git, so that a fresh clone trains nothing: weights, documents, models' pages.

The DVC cache objects for the outputs of every `train_` stage, and of `scaling`, which trains as it
measures, are committed under .dvc/cache, and so are the numbers that seeds/dvc.yaml makes. What
people read is copied into docs/: an output that is itself in git would not come back from DVC's
cache when a parameter is set back. `python -m tools.ship` stages exactly these files with git;
`--check` verifies that git has each of them, intact and as dvc.lock says, and no other objects.
"""

import argparse
import hashlib
import platform
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

from lab.core.artifacts import read_bytes, write_bytes
from lab.core.entry import run
from lab.core.yaml12 import read_yaml
from lookingglass.errors import InputError

CACHE = Path(".dvc/cache/files/md5")
MACHINE = Path(".dvc/shipped-on")
SEEDS = "seeds/dvc.lock"  # not there before the first `make seeds`
MODELS = ("conditional", "diffusion", "gpt", "plain")
COPIES = {
    "report/report.pdf": "docs/report.pdf",
    "report/beyond.pdf": "docs/beyond.pdf",
    "plots/explorer.html": "docs/explorer.html",
    **{f"models/pages/{name}.md": f"docs/models/{name}.md" for name in MODELS},
}
LIMIT = 12_000_000  # bytes, all together: a clone should stay small


def git(*arguments: str) -> str:
    return subprocess.run(
        ["git", *arguments], check=True, capture_output=True, encoding="utf-8"
    ).stdout


def locked(of_stage: Callable[[str], bool], path: str = "dvc.lock") -> dict[str, str]:
    """The outputs of some stages with their MD5 from a lock file."""
    lock = read_yaml(path)
    return {
        out["path"]: out["md5"]
        for name, stage in lock["stages"].items()
        if of_stage(name)
        for out in stage["outs"]
    }


def shipped() -> dict[Path, str]:
    """Each cache object to ship, and the artifact it belongs to."""
    trained = locked(lambda name: name.startswith("train_") or name == "scaling")
    if Path(SEEDS).is_file():
        trained |= locked(lambda _: True, SEEDS)
    return {CACHE / md5[:2] / md5[2:]: path for path, md5 in trained.items()}


def md5(path: str | Path) -> str | None:
    """The MD5 of a file, or None if there is none."""
    return hashlib.md5(Path(path).read_bytes()).hexdigest() if Path(path).is_file() else None


def stale_copies() -> dict[str, str | None]:
    """The outputs whose copy in docs/ is missing or outdated, with their MD5 from dvc.lock."""
    made = locked({"report", "beyond", "explorer", "model_pages"}.__contains__)
    return {out: made.get(out) for out in COPIES if md5(COPIES[out]) != made.get(out, "")}


def tracked() -> set[Path]:
    return {Path(name) for name in git("ls-files", "-z", ".dvc/cache").split("\0") if name}


def machine() -> str:
    """What trained bytes depend on besides the code: the kind of processor, and torch."""
    import torch  # imported here, because --check does not need it

    from lab.training.device import pick_device

    device, version = pick_device().type, torch.__version__.partition("+")[0]
    kind = torch.backends.cpu.get_cpu_capability() if device == "cpu" else device
    return f"{platform.system()} {platform.machine()} {maker()} {kind} torch {version}"


def maker() -> str:
    """The processor's maker (AuthenticAMD, GenuineIntel, ...), if the system says so."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:  # Windows puts it at the end of the processor's description
        text = f"vendor_id: {platform.processor().split(', ')[-1]}"
    found = re.search(r"vendor_id\s*: *(\w+)", text)
    return found[1] if found else "unknown"


def check() -> None:
    objects = shipped()
    problems = [f"{path}: in git, but no trained artifact" for path in tracked() - set(objects)]
    for path, artifact in objects.items():
        if path not in tracked():
            problems.append(f"{artifact}: its object {path} is not in git")
        elif not path.is_file():
            problems.append(f"{artifact}: its object is missing; 'git checkout {path}' restores it")
        elif md5(path) != path.parent.name + path.name:
            problems.append(
                f"{artifact}: its object {path} is damaged; "
                f"'rm -f {path}', then 'git checkout {path}', restores it"
            )
        elif git("diff", "--name-only", "--", str(path)):
            problems.append(f"{artifact}: git holds other bytes for {path}")
    problems += [f"{COPIES[out]}: not {out} as dvc.lock has it" for out in stale_copies()]
    size = sum(path.stat().st_size for path in objects if path.is_file())
    if size > LIMIT:
        problems.append(f"{size:,} bytes shipped; at most {LIMIT:,}")
    if problems:
        raise InputError("\n".join([*sorted(problems), "'make ship' stages what dvc.lock names"]))
    copies = f"{len(COPIES)} copies in docs"
    print(f"shipped: {len(objects)} objects, {size:,} bytes, all intact; {copies}")


def ship() -> None:
    objects = shipped()
    if missing := [path for path in objects if not path.is_file()]:
        raise InputError(f"{objects[missing[0]]}: not in DVC's cache; run 'dvc repro' first")
    for out, expected in stale_copies().items():
        if md5(out) is None or md5(out) != expected:
            raise InputError(f"{out}: not as dvc.lock says; run 'dvc repro' first")
        write_bytes(COPIES[out], read_bytes(out))
    before = tracked()
    if stale := sorted(map(str, before - set(objects))):
        git("rm", "--quiet", "--cached", "--", *stale)
    if before != set(objects):
        write_bytes(MACHINE, f"{machine()}\n".encode())
    git("add", "--force", "--", *map(str, objects), str(MACHINE), *COPIES.values())
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
