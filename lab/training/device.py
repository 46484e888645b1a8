"""Where to compute: the environment variable LOOKINGGLASS_DEVICE.

It is not a parameter, because what DVC caches should not depend on whose machine made it.
"""

import os

import torch

from lookingglass.errors import InputError

VARIABLE = "LOOKINGGLASS_DEVICE"


def pick_device() -> torch.device:
    """The device that LOOKINGGLASS_DEVICE names: auto (a GPU if there is one), cpu or cuda.

    On a GPU this also switches torch to deterministic kernels, so that it, too, gives the same
    bytes every time (but not the CPU's). Raises InputError for any other name, and for cuda if
    there is no GPU.
    """
    name = os.environ.get(VARIABLE, "auto")
    if name not in ("auto", "cpu", "cuda"):
        raise InputError(f"{VARIABLE} = {name!r}: must be one of auto, cpu, cuda")
    if name == "cuda" and not torch.cuda.is_available():
        raise InputError(f"{VARIABLE} = 'cuda': PyTorch finds no GPU here; use auto or cpu")
    if name == "cpu" or not torch.cuda.is_available():
        return torch.device("cpu")
    # cuBLAS is deterministic only with this, which it reads when it starts
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    torch.use_deterministic_algorithms(True)
    return torch.device("cuda")
