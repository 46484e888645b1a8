"""Put right what DVC writes in place: killed meanwhile, it leaves half, and later refuses that.

That is dvc.lock, and the lists of who reads and writes what. The first stage that a DVC starts has
this module wait for the end of that DVC, with a copy of the whole dvc.lock, and look then
(stages/__init__.py). `make` looks first, too: DVC may be killed before it starts a stage. Either
takes DVC's own locks to look, so that what is half written is nobody's work in progress.
"""

import json
import math
import re
import subprocess
import sys
import time
from contextlib import AbstractContextManager, suppress
from pathlib import Path

import psutil
from dvc.config import Config
from dvc.dvcfile import Lockfile
from dvc.exceptions import DvcException
from dvc.lock import LockError, make_lock
from dvc.utils.serialize import parse_yaml

from lookingglass.artifacts import write_bytes
from stages.entry import run

LOCK = Path("dvc.lock")
HALF = Path(".checkpoints/dvc.lock.half")
TEMPORARY = Path(".dvc/tmp")
LISTS = ("rwlock", "exps/rwlock")
PAUSE, NEXT = 0.2, 600.0  # seconds


def entries(data: bytes) -> set[str] | None:
    """The stages in a dvc.lock; None if it is not whole: DVC refuses it, or a line is cut."""
    try:
        contents = Lockfile.validate(parse_yaml(data.decode(), str(LOCK)), str(LOCK))
    except (UnicodeDecodeError, DvcException):
        return None
    return set(contents.get("stages", {})) if data.endswith(b"\n") else None


def committed() -> bytes | None:
    """git's dvc.lock, if it has one."""
    try:
        done = subprocess.run(["git", "show", f"HEAD:./{LOCK}"], capture_output=True)
    except FileNotFoundError:  # there is no git
        return None
    return None if done.returncode else done.stdout


def mend_lock(kept: bytes | None = None, *, shrunk: bool = False) -> bool:
    """Replace half a dvc.lock by a copy from before, or by git's, or by none; whether it was half.

    Half is what is not whole, but not a conflict that git has left there. With `shrunk` it is also
    what lacks a stage that the copy has: DVC takes none out, but whoever checks out another
    version may. The half is kept. What is newer than the replacement, DVC remembers and does not
    compute again.
    """
    if not LOCK.exists():
        return False
    data = LOCK.read_bytes()
    there = entries(data)
    before = entries(kept) if kept else None
    if there is not None and not (shrunk and before and before - there and data != committed()):
        return False
    if re.search(rb"^<<<<<<< ", data, re.MULTILINE):
        return False
    write_bytes(HALF, data)
    whole = committed() if before is None else kept
    if whole is None:
        LOCK.unlink()
    else:
        write_bytes(LOCK, whole)
    print(f"{LOCK}: only half of it was there, as DVC was killed; mended (the half: {HALF})")
    return True


def mend_list(users: Path) -> None:
    """Forget who reads and writes what, if that cannot be read; DVC names the dead anyway."""
    try:
        json.loads(users.read_bytes())
    except FileNotFoundError:
        return
    except ValueError:
        users.unlink()
        print(f"{users}: only half of it was there, as DVC was killed; deleted")


def lock(name: str, wait: bool) -> AbstractContextManager[None]:
    """One of DVC's locks, to be held; LockError where another has it, in spite of some waiting."""
    hard_link = bool(Config(".dvc")["core"].get("hardlink_lock", False))
    path = TEMPORARY / name
    held: AbstractContextManager[None] = make_lock(
        str(path),
        tmp_dir=str(TEMPORARY),
        hardlink_lock=hard_link,
        wait=wait and not hard_link,  # a link outlives its owner: DVC itself says so
    )
    return held


def mend(kept: bytes | None = None, end: float = 0.0, wait: bool = False) -> bool:
    """Look at all of these files; whether dvc.lock was half. Its DVC ended then, in Unix time.

    Where another has the lock it is at work, and they are whole.
    """
    TEMPORARY.mkdir(exist_ok=True)
    try:
        with lock("lock", wait):
            # what was written after the end of that DVC is not its half
            mended = mend_lock(kept, shrunk=LOCK.exists() and LOCK.stat().st_mtime <= end)
        for name in LISTS:
            if (TEMPORARY / name).exists():
                with lock(f"{name}.lock", wait):
                    mend_list(TEMPORARY / name)
    except DvcException:  # a lock that is not to be had, or a config that DVC refuses, and says why
        return False
    return mended


def runs(dvc: psutil.Process) -> bool:
    """Whether it has not ended, nor waits as a zombie for its parent to notice that."""
    try:
        return bool(dvc.is_running() and dvc.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def written() -> int | None:
    """When dvc.lock was last written; None where there is none."""
    return LOCK.stat().st_mtime_ns if LOCK.exists() else None


def last_whole(dvc: psutil.Process) -> bytes | None:
    """Wait for the end of DVC; dvc.lock as it was when a stage last ran, and no DVC wrote."""
    kept, seen = None, None
    while runs(dvc):
        time.sleep(PAUSE)
        now = written()
        if now == seen:
            continue
        try:
            with lock("lock", wait=False):
                if runs(dvc):  # or this is what it left
                    kept, seen = (LOCK.read_bytes() if LOCK.exists() else None), now
        except LockError:
            continue
    return kept


def next_writes() -> bool:
    """Wait for the next DVC to write dvc.lock; False if it is long in coming."""
    before, last = written(), time.monotonic() + NEXT
    while written() == before:
        if time.monotonic() > last:
            return False
        time.sleep(PAUSE)
    return True


def main() -> None:
    """Mend now; or, if it is given a process and a mark, after the end of that one, DVC's."""
    if len(sys.argv) == 1:
        mend()
        return
    pid, mark = int(sys.argv[1]), Path(sys.argv[2])
    kept = None
    try:
        with suppress(psutil.NoSuchProcess):
            kept = last_whole(psutil.Process(pid))
        mended = mend(kept, time.time(), wait=True)
    finally:
        mark.unlink(missing_ok=True)
    # the next DVC brings back from its cache what is lost, and may write all of it before it starts
    # a stage, which would have it watched
    while mended and next_writes():
        mended = mend(kept, math.inf, wait=True)


if __name__ == "__main__":
    run(main)
