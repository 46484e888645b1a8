"""DVC killed while it writes leaves half of a file; the pipeline goes on all the same."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
from dvc.lock import Lock

from stages.mend import HALF, entries, mend_lock
from tests.conftest import ROOT, Checkout, environment
from tests.test_dependencies import stages

MEND = ("python", "-m", "stages.mend")


def test_half_of_it_is_not_whole() -> None:
    data = (ROOT / "dvc.lock").read_bytes()
    for length in (0, 10, 8192, 16384, len(data) // 2 + 1, len(data) - 1):
        assert entries(data[:length]) is None, length
    assert entries(data) == set(stages())


def cut(data: bytes) -> bytes:
    """Half of it, up to the end of an entry, so that it reads as if it were whole."""
    return data[: data.index(b"\n  ngram:") + 1]


def test_half_is_replaced(made: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the copy, without a whole one by git's, and without that by none; the half is kept."""
    monkeypatch.chdir(made.path)
    lock = Path("dvc.lock")
    whole = lock.read_bytes()
    newer = whole.replace(b"schema", b"# newer than git's\nschema", 1)
    for half in (whole[:9000], cut(newer)):
        for kept, expected in ((newer, newer), (newer[:9000], whole), (None, whole)):
            if half == cut(newer) and kept != newer:
                continue  # nobody knows that it is one
            lock.write_bytes(half)
            mend_lock(kept, shrunk=True)
            assert lock.read_bytes() == expected
            assert HALF.read_bytes() == half
    lock.unlink()
    made.commit("No lock")
    lock.write_bytes(whole[:9000])
    mend_lock()
    assert not lock.exists()


def test_what_is_not_half_is_left_alone(made: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
    """The whole, fewer stages of another version, and a conflict that git has left there."""
    monkeypatch.chdir(made.path)
    lock = Path("dvc.lock")
    whole = lock.read_bytes()
    conflict = whole.replace(b"schema", b"<<<<<<< HEAD\nschema", 1)
    for data, shrunk in ((whole, True), (cut(whole), False), (conflict, True)):
        lock.write_bytes(data)
        mend_lock(whole, shrunk=shrunk)
        assert lock.read_bytes() == data
    lock.write_bytes(cut(whole))
    made.commit("A version with fewer stages")
    mend_lock(whole, shrunk=True)
    assert lock.read_bytes() == cut(whole)


@pytest.mark.parametrize("hard_link", ["false", "true"])
def test_with_both_kinds_of_locks(made: Checkout, hard_link: str) -> None:
    """`core.hardlink_lock` is for file systems without another."""
    made.run("dvc", "config", "--local", "core.hardlink_lock", hard_link)
    for file in (made.path / ".dvc" / "tmp").glob("*lock"):
        if file.name != "rwlock":
            file.unlink()  # one kind's are in the other's way
    lock = made.path / "dvc.lock"
    whole = lock.read_bytes()
    lists = [made.path / ".dvc" / "tmp" / name for name in ("rwlock", "exps/rwlock")]
    json.loads(lists[0].read_text())
    assert made.run(*MEND).stdout == ""
    lock.write_bytes(whole[:9000])
    for users in lists:
        users.parent.mkdir(exist_ok=True)
        users.write_bytes(b"")
    said = made.run(*MEND).stdout
    assert said.count("mended") == 1
    assert said.count("deleted") == 2
    assert lock.read_bytes() == whole
    assert not any(users.exists() for users in lists)
    assert made.repro() == []


def test_what_dvc_is_writing_is_left_alone(made: Checkout) -> None:
    """Half of a file is mended only when no DVC is at work on it."""
    folder = made.path / ".dvc" / "tmp"
    for name, path in (("lock", made.path / "dvc.lock"), ("rwlock.lock", folder / "rwlock")):
        half = path.read_bytes()[:-1]
        path.write_bytes(half)
        with Lock(str(folder / name)):
            assert made.run(*MEND).stdout == ""
            assert path.read_bytes() == half
        assert made.run(*MEND).stdout != ""


def wait_for_watchers(checkout: Checkout) -> None:
    for _ in range(600):
        if not list((checkout.path / ".checkpoints").glob("watch-*")):
            return
        time.sleep(0.1)
    pytest.fail("a watcher is still there")


def test_a_zombie_has_ended(made: Checkout) -> None:
    """Where nobody asks for the exit code of a DVC that was killed, it stays in the list."""
    mark = made.path / ".checkpoints" / "watch-zombie"
    mark.parent.mkdir(exist_ok=True)
    mark.touch()
    lock = made.path / "dvc.lock"
    whole = lock.read_bytes()
    with (
        subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as dead,
        subprocess.Popen(
            [*MEND, str(dead.pid), str(mark)], cwd=made.path, env=environment()
        ) as watcher,
    ):
        with pytest.raises(subprocess.TimeoutExpired):
            watcher.wait(5)
        lock.write_bytes(cut(whole))
        dead.kill()  # and not waited for
        try:
            wait_for_watchers(made)
        finally:
            watcher.kill()  # it would wait for what the next one may leave
    assert lock.read_bytes() == whole


@pytest.mark.pipeline
def test_a_lock_begun_anew_stays_so(made: Checkout) -> None:
    """What an earlier one had is not brought back."""
    lock = made.path / "dvc.lock"
    lock.unlink()
    made.set("sample.steps", 4)
    made.repro("--single-item", "sample")
    wait_for_watchers(made)
    assert entries(lock.read_bytes()) == {"sample"}


@pytest.mark.pipeline
@pytest.mark.parametrize("shell", ["/bin/bash", "/bin/sh"])
def test_killed_while_it_writes(made: Checkout, shell: str) -> None:
    """Struck as soon as the file shrinks; the next `dvc repro` needs no help.

    Twice: the second DVC starts no stage, as what was lost is in the cache. Some shells (Debian's
    sh) stay between DVC and a stage, and end with the stage.
    """
    lock = made.path / "dvc.lock"
    before = lock.stat().st_size
    made.set("sample.steps", 3)
    for _ in range(2):
        with subprocess.Popen(
            ["dvc", "repro", "sample"],
            cwd=made.path,
            env=environment() | {"SHELL": shell},
            stdout=subprocess.DEVNULL,
        ) as dvc:
            while dvc.poll() is None and lock.stat().st_size > before * 0.9:
                time.sleep(0.0005)
            dvc.kill()
        assert dvc.returncode < 0
        assert entries(lock.read_bytes()) is None
        for _ in range(600):
            if entries(lock.read_bytes()):
                break
            time.sleep(0.1)
        assert entries(lock.read_bytes())
    assert "sample" not in made.repro("sample")  # known from the cache
    assert made.repro("sample") == []
