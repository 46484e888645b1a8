"""DVC killed while it writes leaves half of a file; the pipeline goes on all the same."""

import json
import subprocess
import time
from pathlib import Path

import pytest
from dvc.lock import Lock

from stages.mend import entries
from tests.conftest import ROOT, Checkout, environment
from tests.test_dependencies import stages


def size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def test_half_of_it_is_not_whole(tmp_path: Path) -> None:
    data = (ROOT / "dvc.lock").read_bytes()
    path = tmp_path / "dvc.lock"
    for length in (0, 10, 8192, 16384, len(data) // 2 + 1, len(data) - 1):
        path.write_bytes(data[:length])
        assert entries(path) is None, length
    path.write_bytes(data)
    assert entries(path) == set(stages())
    assert entries(tmp_path / "none") is None


def test_half_is_replaced_by_what_was_kept(made: Checkout) -> None:
    """By the copy, without a whole one by git's, and without that by none."""
    lock, kept = made.path / "dvc.lock", made.path / ".checkpoints" / "dvc.lock"
    whole = lock.read_bytes()
    mend = ["python", "-m", "stages.mend"]
    assert made.run(*mend).stdout == ""
    newer = whole.replace(b"schema", b"# newer than git's\nschema", 1)
    kept.parent.mkdir(exist_ok=True)
    for copy, expected in ((newer, newer), (newer[:9000], whole)):
        kept.write_bytes(copy)
        lock.write_bytes(whole[: len(whole) // 2 + 1])
        assert "mended" in made.run(*mend).stdout
        assert lock.read_bytes() == expected
    users = made.path / ".dvc" / "tmp" / "rwlock"
    json.loads(users.read_text())
    users.write_bytes(b"")
    assert "deleted" in made.run(*mend).stdout
    assert not users.exists()
    lock.unlink()
    made.commit("No lock")
    lock.write_bytes(whole[:9000])
    made.run(*mend)
    assert not lock.exists()


def test_what_dvc_is_writing_is_left_alone(made: Checkout) -> None:
    """Half of a file is mended only when no DVC is at work on it."""
    folder = made.path / ".dvc" / "tmp"
    for lock, half, whole in (
        ("lock", made.path / "dvc.lock", (made.path / "dvc.lock").read_bytes()),
        ("rwlock.lock", folder / "rwlock", b"{}"),
    ):
        half.write_bytes(whole[:9000] if len(whole) > 9000 else b"")
        with subprocess.Popen(
            ["python", "-m", "stages.mend"],
            cwd=made.path,
            env=environment(),
            stdout=subprocess.PIPE,
        ) as mend:
            with Lock(str(folder / lock)):
                with pytest.raises(subprocess.TimeoutExpired):
                    mend.wait(5)
                half.write_bytes(whole)
            assert mend.communicate() == (b"", None)
        assert half.read_bytes() == whole


def wait_for_watchers(checkout: Checkout) -> None:
    for _ in range(600):
        if not list((checkout.path / ".checkpoints").glob("watch-*")):
            return
        time.sleep(0.1)
    pytest.fail("a watcher is still there")


@pytest.mark.pipeline
def test_a_lock_begun_anew_stays_so(made: Checkout) -> None:
    """What an earlier one had is not brought back."""
    made.set("sample.steps", 3)
    assert "sample" in made.repro("sample")
    wait_for_watchers(made)
    lock = made.path / "dvc.lock"
    assert entries(lock) == set(stages())
    lock.unlink()
    made.set("sample.steps", 4)
    made.repro("--single-item", "sample")
    wait_for_watchers(made)
    assert entries(lock) == {"sample"}


@pytest.mark.pipeline
@pytest.mark.parametrize("shell", ["/bin/bash", "/bin/sh"])
def test_killed_while_it_writes(made: Checkout, shell: str) -> None:
    """Struck as soon as the file shrinks; the next `dvc repro` needs no help.

    Some shells (Debian's sh) stay between DVC and a stage, and end with the stage.
    """
    lock = made.path / "dvc.lock"
    before = size(lock)
    made.set("sample.steps", 3)
    with subprocess.Popen(
        ["dvc", "repro", "sample"],
        cwd=made.path,
        env=environment() | {"SHELL": shell},
        stdout=subprocess.DEVNULL,
    ) as dvc:
        while dvc.poll() is None and size(lock) > before * 0.9:
            time.sleep(0.0005)
        dvc.kill()
    assert dvc.returncode < 0
    assert entries(lock) is None
    wait_for_watchers(made)
    assert entries(lock)
    assert "sample" not in made.repro("sample")  # known from the cache
    assert made.repro("sample") == []
