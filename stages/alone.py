"""One training of a kind at a time: if its `dvc` is killed, a training goes on without it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

FOLDER = Path(".checkpoints")


@contextmanager
def alone(name: str) -> Iterator[None]:
    """Wait until no other process is in here with that name, and keep others waiting.

    The system frees the lock of a process that is killed.
    """
    FOLDER.mkdir(exist_ok=True)
    lock = FileLock(FOLDER / f"{name}.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        print(f"another {name} runs here; waiting until it ends", flush=True)
        lock.acquire()
    try:
        yield
    finally:
        lock.release()
