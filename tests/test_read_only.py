"""A read-only checkout: the examples run from it, and a stage gives a one-line message."""

import os
import re
import subprocess
from collections.abc import Iterator

import pytest

from tests.conftest import Checkout

pytestmark = pytest.mark.skipif(os.name == "nt", reason="needs Unix's permissions")

# root may write anywhere except on a read-only file system
MOUNT = 'mount --bind "$PWD" "$PWD" && mount -o remount,ro,bind "$PWD" && cd "$PWD" && exec "$@"'


@pytest.fixture
def read_only(clone: Checkout) -> Iterator[tuple[str, ...]]:
    """The prefix that makes a command see the clone as read-only."""
    if os.geteuid() == 0:
        prefix = ("unshare", "--mount", "sh", "-c", MOUNT, "sh")
        if subprocess.run([*prefix, "true"], cwd=clone.path, capture_output=True).returncode:
            pytest.skip("root cannot mount anything here")
        yield prefix
    else:
        subprocess.run(["chmod", "-R", "a-w", "."], cwd=clone.path, check=True)
        yield ()
        subprocess.run(["chmod", "-R", "u+w", "."], cwd=clone.path, check=True)


def test_examples(clone: Checkout, read_only: tuple[str, ...], tmp_path) -> None:
    clone.run(*read_only, "python", "example_gpt.py", "--words", "3")
    picture = tmp_path / "picture.png"
    clone.run(*read_only, "python", "example_diffusion.py", "--output", str(picture))
    assert picture.stat().st_size


def test_a_stage(clone: Checkout, read_only: tuple[str, ...]) -> None:
    done = clone.run(*read_only, "python", "-m", "stages.diffusion.points", check=False)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert re.search(r": (Read-only file system|Permission denied)$", done.stderr)
