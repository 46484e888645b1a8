"""LOOKINGGLASS_DEVICE is respected, and a bad value gives a one-line message."""

import pytest
import torch

from lab.training.device import VARIABLE, pick_device
from lookingglass.errors import InputError
from tests.conftest import ROOT, Checkout

GPU = torch.cuda.is_available()


@pytest.fixture(autouse=True)
def undo_determinism() -> None:
    yield
    torch.use_deterministic_algorithms(False)


@pytest.mark.parametrize(
    ("name", "kind"),
    [("cpu", "cpu"), ("auto", "cuda" if GPU else "cpu"), (None, "cuda" if GPU else "cpu")],
)
def test_the_device_asked_for(monkeypatch: pytest.MonkeyPatch, name: str | None, kind: str) -> None:
    if name is None:
        monkeypatch.delenv(VARIABLE, raising=False)
    else:
        monkeypatch.setenv(VARIABLE, name)
    assert pick_device().type == kind


def test_an_unknown_device(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "gpu")
    with pytest.raises(InputError, match="LOOKINGGLASS_DEVICE = 'gpu': must be one of auto, cpu"):
        pick_device()


@pytest.mark.skipif(GPU, reason="there is a GPU here")
def test_cuda_without_a_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "cuda")
    with pytest.raises(InputError, match="finds no GPU here; use auto or cpu"):
        pick_device()
    done = Checkout(ROOT).run("python", "example_diffusion.py", check=False)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1


def test_cuda_with_one(gpu: torch.device) -> None:
    assert gpu.type == "cuda"
    assert torch.are_deterministic_algorithms_enabled()
