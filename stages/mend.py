"""Put right what DVC writes in place: killed meanwhile, it leaves half, and later refuses that.

That is dvc.lock, and the list of who reads and writes what. A stage that DVC starts keeps a copy of
the whole dvc.lock and starts this module, which waits until that DVC ends, and looks
(stages/__init__.py). `make` looks first, too: DVC may be killed before it starts a stage. Either
takes DVC's own locks to look, so that what is half written is nobody's work in progress.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
from dvc.dvcfile import Lockfile
from dvc.exceptions import DvcException
from dvc.lock import Lock
from dvc.utils.serialize import parse_yaml

from lookingglass.artifacts import write_bytes
from stages import KEPT, LOCK, watch_mark
from stages.entry import run

USERS = Path(".dvc/tmp/rwlock")


def entries(path: Path) -> set[str] | None:
    """The stages in such a file; None if it is not whole: DVC refuses it, or a line is cut."""
    try:
        data = path.read_bytes()
        contents = Lockfile.validate(parse_yaml(data.decode(), path), str(path))
    except (FileNotFoundError, UnicodeDecodeError, DvcException):
        return None
    return set(contents.get("stages", {})) if data.endswith(b"\n") else None


def mend_lock(expected: set[str]) -> None:
    """Replace half a dvc.lock by the copy of the last stage's start, or by git's, or by none.

    Half is what is not whole, or lacks a stage that is expected. What is newer than its
    replacement, DVC remembers without it, and does not compute again.
    """
    if not LOCK.exists():
        return
    there = entries(LOCK)
    if there is not None and expected <= there:
        return
    if entries(KEPT) is not None:
        write_bytes(LOCK, KEPT.read_bytes())
    else:
        committed = subprocess.run(["git", "show", f"HEAD:./{LOCK}"], capture_output=True)
        if committed.returncode:
            LOCK.unlink()
        else:
            write_bytes(LOCK, committed.stdout)
    print(f"{LOCK}: only half of it was there, as DVC was killed; mended")


def mend_users() -> None:
    """Forget who reads and writes what, if that cannot be read; DVC names the dead anyway."""
    try:
        json.loads(USERS.read_bytes())
    except FileNotFoundError:
        return
    except ValueError:
        USERS.unlink()
        print(f"{USERS}: only half of it was there, as DVC was killed; deleted")


def wait_for_end(dvc: int) -> None:
    """Wait until that process has ended."""
    try:
        psutil.Process(dvc).wait()
    except psutil.NoSuchProcess:
        return


@contextmanager
def locked() -> Iterator[None]:
    """Hold the locks under which DVC writes dvc.lock, and that list; first wait for both."""
    USERS.parent.mkdir(exist_ok=True)
    repository = Lock(str(USERS.with_name("lock")), friendly=True, wait=True)
    users = Lock(f"{USERS}.lock", wait=True)
    with repository, users:
        yield


def main() -> None:
    """Mend now, or after the end of the DVC whose process is given."""
    if len(sys.argv) == 1:
        with locked():
            mend_lock(set())
            mend_users()
        return
    dvc = int(sys.argv[1])
    wait_for_end(dvc)
    with locked():
        mend_lock(entries(KEPT) or set())  # DVC takes none out
        mend_users()
    watch_mark(dvc).unlink(missing_ok=True)


if __name__ == "__main__":
    run(main)
