"""Checkpoints: a long training that is killed resumes where it stopped.

A checkpoint is not an artifact. It belongs to one training, identified by its key, which deletes it
at the end.
"""

import hashlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from filelock import FileLock, Timeout
from pydantic import BaseModel
from torch import Tensor

from lab.core.artifacts import write_bytes
from lookingglass.errors import InputError
from lookingglass.tensors import dump_tensors, load_tensors

KIND = "checkpoint"
FOLDER = Path(".checkpoints")


def key_of(params: BaseModel, device: torch.device, *inputs: bytes) -> str:
    """A hash of everything a training's result depends on: parameters, inputs, code, torch, device.

    The code is every imported module of this project.
    """
    digest = hashlib.sha256(params.model_dump_json().encode())
    digest.update(f"{torch.__version__} {device.type}".encode())
    project = Path(__file__).parents[2]
    named = [getattr(module, "__file__", None) for module in list(sys.modules.values())]
    files = {Path(name) for name in named if name}
    for file in sorted(f for f in files if f.is_relative_to(project) and ".venv" not in f.parts):
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    for data in inputs:
        digest.update(hashlib.sha256(data).digest())
    return digest.hexdigest()


def save_checkpoint(
    path: str | Path, key: str, numbers: dict[str, Any], tensors: dict[str, Tensor]
) -> None:
    """Replace the checkpoint at `path` atomically; `numbers` is plain JSON."""
    write_bytes(path, dump_tensors(KIND, {"key": key, "numbers": numbers}, tensors))


def load_checkpoint(path: str | Path, key: str) -> tuple[dict[str, Any], dict[str, Tensor]] | None:
    """The numbers and tensors of a checkpoint, or None if there is none for this key."""
    if not Path(path).is_file():
        return None
    try:
        config, tensors = load_tensors(KIND, path)
    except InputError:
        return None
    return (config["numbers"], tensors) if config["key"] == key else None


@contextmanager
def alone(name: str) -> Iterator[None]:
    """Wait until no other process trains under this name, and keep others waiting.

    If `dvc` is killed, the training that it started keeps running: a second one would write over
    the first one's checkpoint. The system releases the lock of a process that is killed.
    """
    FOLDER.mkdir(exist_ok=True)
    lock = FileLock(FOLDER / f"{name}.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        print(f"another {name} is running; waiting for it to end", flush=True)
        lock.acquire()
    with lock:
        yield
