"""Named tensors and what they are, as one .safetensors file with a checksum."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import safetensors.torch
from safetensors import SafetensorError
from torch import Tensor

from lookingglass.errors import InputError

# safetensors writes several metadata keys in random order, so everything goes into one
KEY = "lookingglass"


def dump_tensors(kind: str, config: Mapping[str, Any], tensors: Mapping[str, Tensor]) -> bytes:
    """The bytes of a file; the same content gives the same bytes. `config` is plain JSON."""
    on_cpu = {name: tensor.cpu().contiguous() for name, tensor in tensors.items()}
    described = {"kind": kind, **config}
    metadata = json.dumps({**described, "sha256": _checksum(described, on_cpu)}, sort_keys=True)
    return safetensors.torch.save(on_cpu, {KEY: metadata})


def load_tensors(kind: str, source: str | Path | bytes) -> tuple[dict[str, Any], dict[str, Tensor]]:
    """The config and the tensors in a file, or in its bytes.

    Raises InputError, with one line, for what is not such a file, is of another kind or damaged.
    """
    name = name_of(source)
    try:
        data = source if isinstance(source, bytes) else Path(source).read_bytes()
        tensors = safetensors.torch.load(data)
        # the file begins with the length of its JSON header; safetensors.torch.load drops the
        # metadata in it
        header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
        config: dict[str, Any] = json.loads(header["__metadata__"][KEY])
        checksum = config.pop("sha256")
    except OSError as error:
        raise InputError(f"{name}: {error.strerror}") from error
    except (SafetensorError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(f"{name}: not a {kind}, or damaged") from error
    if checksum != _checksum(config, tensors):
        raise InputError(f"{name}: damaged (its checksum does not match); make it again")
    if config.pop("kind") != kind:
        raise InputError(f"{name}: not a {kind}")
    return config, tensors


def name_of(source: str | Path | bytes) -> str:
    """What to call the file in a message."""
    return "the weights" if isinstance(source, bytes) else str(source)


def _checksum(config: Mapping[str, Any], tensors: Mapping[str, Tensor]) -> str:
    digest = hashlib.sha256(json.dumps(config, sort_keys=True).encode())
    for name, tensor in sorted(tensors.items()):
        digest.update(f"{name} {tensor.dtype} {list(tensor.shape)}".encode())
        digest.update(tensor.numpy().tobytes())
    return digest.hexdigest()
