"""Put right what DVC writes in place: killed meanwhile, it leaves half, and later refuses that.

That is dvc.lock, and the list of who reads and writes what. A stage that DVC starts keeps a copy of
the whole dvc.lock and starts this module, which waits until that DVC ends, and looks
(stages/__init__.py). `make` looks first, too: DVC may be killed before it starts a stage.
"""

import json
import subprocess
import sys
import time
from pathlib import Path

import psutil
from dvc.dvcfile import Lockfile
from dvc.exceptions import DvcException
from dvc.utils.serialize import parse_yaml

from lookingglass.artifacts import write_bytes
from stages import KEPT, LOCK, watch_mark
from stages.entry import run

USERS = Path(".dvc/tmp/rwlock")
QUIET = 2.0  # seconds; a DVC that is at work writes more often, while it writes


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


def wait_for_dvc(pid: int) -> None:
    """Wait for the end of the DVC that is that process, a stage's parent, or started that shell."""
    try:
        parent = psutil.Process(pid)
        for process in (parent, *parent.parents()):
            if any(Path(word).stem == "dvc" for word in process.cmdline()):
                process.wait()
                return
    except psutil.NoSuchProcess:
        return


def wait_for_quiet(path: Path) -> None:
    """Wait until nobody has written a file for a while."""
    while path.exists() and time.time() - path.stat().st_mtime < QUIET:
        time.sleep(0.1)


def main() -> None:
    """Mend now, or after the end of the DVC whose process is given."""
    expected: set[str] = set()
    if len(sys.argv) > 1:
        pid = int(sys.argv[1])
        wait_for_dvc(pid)
        watch_mark(pid).unlink(missing_ok=True)
        expected = entries(KEPT) or expected  # DVC takes none out
    if len(sys.argv) == 1 or any(KEPT.parent.glob("watch-*")):
        wait_for_quiet(LOCK)  # another DVC may be writing
        wait_for_quiet(USERS)
    mend_lock(expected)
    mend_users()


if __name__ == "__main__":
    run(main)
