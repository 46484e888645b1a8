"""A disk that is really full, where mounting a small one is allowed; and a file size limit."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import Checkout, copy_to, shrink
from tests.soak import damaged, start_over

pytestmark = [
    pytest.mark.long,
    pytest.mark.pipeline,
    pytest.mark.skipif(os.name == "nt", reason="needs limits or mounts"),
]

SIZE = 24_000_000
LIMIT = "1000000"
LIMITED = (
    "import os, resource, sys; limit = int(sys.argv[1]); command = sys.argv[2:]; "
    "resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)); os.execvp(command[0], command)"
)
TARGET = "train_diffusion"
MESSAGE = "data/points.npz: cannot be written: "


@pytest.fixture(scope="module")
def undisturbed(
    tmp_path_factory: pytest.TempPathFactory, downloads: Path
) -> tuple[Path, dict[str, bytes]]:
    """A pipeline with nothing made yet, and the artifacts of an undisturbed run."""
    checkout = shrink(copy_to(tmp_path_factory.mktemp("undisturbed") / "copy", downloads))
    checkout.set("points.count", 200_000)  # 1.6 MB
    start_over(checkout)  # the report is in git
    checkout.repro(TARGET)
    whole = checkout.artifacts()
    start_over(checkout)
    return checkout.path, whole


def copied(undisturbed: tuple[Path, dict[str, bytes]], place: Path) -> Checkout:
    return Checkout(Path(shutil.copytree(undisturbed[0], place / "copy")))


@pytest.fixture
def disk(undisturbed: tuple[Path, dict[str, bytes]], tmp_path: Path) -> Iterator[Checkout]:
    """The small pipeline on a disk of its own."""
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(tmp_path)]
    if subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("mounting is not allowed here")
    try:
        yield copied(undisturbed, tmp_path)
    finally:
        subprocess.run(["umount", "--lazy", str(tmp_path)], check=True)


def fill(checkout: Checkout, room: int) -> Path:
    """Write a file that leaves room for this many bytes."""
    path = checkout.path.parent / "filler"
    path.write_bytes(bytes(shutil.disk_usage(path.parent).free - room))
    return path


def check_refusal(done: subprocess.CompletedProcess[str], checkout: Checkout) -> None:
    """One line, and nothing left behind."""
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith(MESSAGE)
    assert checkout.artifacts() == {}
    assert not list(checkout.path.rglob(".*.tmp"))


def test_at_a_limit(undisturbed: tuple[Path, dict[str, bytes]], tmp_path: Path) -> None:
    """A stage, then `dvc repro`, that may not write a file this long."""
    checkout, limited = copied(undisturbed, tmp_path), ("python", "-c", LIMITED, LIMIT)
    stage = ("python", "-m", "stages.diffusion.points")
    check_refusal(checkout.run(*limited, *stage, check=False), checkout)

    done = checkout.run(*limited, "dvc", "repro", TARGET, check=False)
    assert done.returncode
    assert MESSAGE in done.stderr
    assert "Traceback" not in done.stderr
    checkout.repro(TARGET)
    assert checkout.artifacts() == undisturbed[1]


def test_a_stage_on_a_full_disk(disk: Checkout) -> None:
    fill(disk, 500_000)
    check_refusal(disk.run("python", "-m", "stages.diffusion.points", check=False), disk)


def test_dvc_on_a_full_disk(disk: Checkout, undisturbed: tuple[Path, dict[str, bytes]]) -> None:
    """No room for DVC's own files, then none for an artifact, then none for its cached copy."""
    for room in (0, 1_000_000, 2_500_000):
        filler = fill(disk, room)
        done = disk.run("dvc", "repro", TARGET, check=False)
        assert done.returncode
        assert "Traceback" not in done.stderr
        assert "full" in done.stderr or "No space left" in done.stderr
        assert not damaged(disk, undisturbed[1])
        filler.unlink()
    disk.repro(TARGET)
    assert disk.artifacts() == undisturbed[1]
