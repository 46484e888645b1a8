import shutil
import subprocess
import sys
from pathlib import Path

import torch

from lab.core.params import Section
from lab.training.checkpoint import key_of, load_checkpoint, save_checkpoint
from tests.conftest import ROOT

CPU = torch.device("cpu")


class Params(Section):
    steps: int = 3


def test_round_trip(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "checkpoint.safetensors"
    assert load_checkpoint(path, "key") is None
    numbers = {"step": 3, "curve": [[1, 0.1], [2, 1 / 3]]}
    save_checkpoint(path, "key", numbers, {"a": torch.ones(2)})
    found = load_checkpoint(path, "key")
    assert found is not None
    assert found[0] == numbers
    assert torch.equal(found[1]["a"], torch.ones(2))


def test_anothers_or_a_damaged_one_is_not_used(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint.safetensors"
    save_checkpoint(path, "key", {}, {"a": torch.ones(2)})
    assert load_checkpoint(path, "other key") is None
    path.write_bytes(path.read_bytes()[:-1])
    assert load_checkpoint(path, "key") is None


def test_the_key_follows_all_that_matters() -> None:
    keys = {
        key_of(Params(), CPU, b"data"),
        key_of(Params(steps=4), CPU, b"data"),
        key_of(Params(), torch.device("cuda"), b"data"),
        key_of(Params(), CPU, b"other data"),
        key_of(Params(), CPU, b"da", b"ta"),
    }
    assert len(keys) == 5
    assert key_of(Params(), CPU, b"data") in keys


def test_the_key_follows_the_code(tmp_path: Path) -> None:
    """In a small project: a copy of our packages, and a stage to which a comment is added."""
    for package in ("lab", "lookingglass"):
        shutil.copytree(ROOT / package, tmp_path / package)
    stage = tmp_path / "stage.py"
    code = (
        "import torch\nfrom lab.training.checkpoint import key_of\n"
        "from lab.core.params import Section\n"
        "print(key_of(Section(), torch.device('cpu')))\n"
    )

    def key() -> str:
        command = [sys.executable, str(stage)]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    stage.write_text(code)
    first = key()
    assert key() == first
    stage.write_text(code + "# changed\n")
    assert key() != first
