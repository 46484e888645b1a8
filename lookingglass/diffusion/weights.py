"""A trained denoiser as one file: weights, the network's shape, the schedule and a checksum."""

import hashlib
import json
from pathlib import Path
from typing import Any

import safetensors.torch
from safetensors import SafetensorError
from torch import Tensor

from lookingglass.diffusion.network import EdgeNetwork
from lookingglass.diffusion.schedule import ExponentialSchedule
from lookingglass.errors import InputError

# safetensors writes several metadata keys in random order, so everything goes into one
KEY = "lookingglass"


def dump_denoiser(network: EdgeNetwork) -> bytes:
    """The bytes of a .safetensors file; the same network gives the same bytes.

    Raises TypeError for a schedule other than ExponentialSchedule.
    """
    if not isinstance(network.schedule, ExponentialSchedule):
        raise TypeError(f"{type(network.schedule).__name__} cannot be saved")
    tensors = {name: tensor.cpu().contiguous() for name, tensor in network.state_dict().items()}
    config: dict[str, Any] = {
        "kind": "denoiser",
        "schedule": {"rate": network.schedule.rate},
        "network": {
            "data_std": network.data_std,
            "width": network.width,
            "layers": len(network.layers),
        },
    }
    if network.classes:
        size = network.embedding.embedding_dim
        config["network"] |= {"classes": network.classes, "embedding": size}
    if network.smooth:
        config["network"]["smooth"] = True
    metadata = json.dumps({**config, "sha256": _checksum(config, tensors)}, sort_keys=True)
    return safetensors.torch.save(tensors, {KEY: metadata})


def load_denoiser(source: str | Path | bytes) -> EdgeNetwork:
    """The Denoiser in a file, or in its bytes; its schedule is at `.schedule`.

    Raises InputError, with one line, for what is not such a file or is damaged.
    """
    name = "the weights" if isinstance(source, bytes) else str(source)
    try:
        data = source if isinstance(source, bytes) else Path(source).read_bytes()
        tensors = safetensors.torch.load(data)
        # the file begins with the length of its JSON header; safetensors.torch.load drops the
        # metadata in it
        header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
        config = json.loads(header["__metadata__"][KEY])
        checksum = config.pop("sha256")
        if config["kind"] != "denoiser" or checksum != _checksum(config, tensors):
            raise InputError(f"{name}: damaged (its checksum does not match); make it again")
        network = EdgeNetwork(ExponentialSchedule(**config["schedule"]), **config["network"])
        network.load_state_dict(tensors)
    except OSError as error:
        raise InputError(f"{name}: {error.strerror}") from error
    except (SafetensorError, ValueError, KeyError, TypeError, RuntimeError) as error:
        raise InputError(f"{name}: not the weights of a denoiser, or damaged") from error
    return network.requires_grad_(False).eval()


def _checksum(config: dict[str, Any], tensors: dict[str, Tensor]) -> str:
    digest = hashlib.sha256(json.dumps(config, sort_keys=True).encode())
    for name, tensor in sorted(tensors.items()):
        digest.update(f"{name} {tensor.dtype} {list(tensor.shape)}".encode())
        digest.update(tensor.numpy().tobytes())
    return digest.hexdigest()
