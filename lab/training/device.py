"""Where to compute: LOOKINGGLASS_DEVICE, from the environment.

It is no parameter, because what DVC caches should not depend on whose machine made it.
"""

import os

import torch

from lookingglass.errors import InputError

VARIABLE = "LOOKINGGLASS_DEVICE"


def pick_device() -> torch.device:
    """The device that LOOKINGGLASS_DEVICE names: auto (a GPU if there is one), cpu or cuda.

    On a GPU only deterministic kernels are used from then on, so that it, too, gives the same
    bytes every time (but not the CPU's). Raises InputError for another name, or cuda without one.
    """
    name = os.environ.get(VARIABLE, "auto")
    if name not in ("auto", "cpu", "cuda"):
        raise InputError(f"{VARIABLE} = {name!r}: must be one of auto, cpu, cuda")
    if name == "cuda" and not torch.cuda.is_available():
        raise InputError(f"{VARIABLE} = 'cuda': PyTorch finds no GPU here; use auto or cpu")
    if name == "cpu" or not torch.cuda.is_available():
        return torch.device("cpu")
    # cuBLAS reads this when it starts, and is deterministic only with it
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    torch.use_deterministic_algorithms(True)
    return torch.device("cuda")
