"""What the explorer needs of an inversion: the vectors of one restart, on their way."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray


def pack_inversion(arrays: Mapping[str, NDArray[Any]]) -> dict[str, Any]:
    """The arrays that the stage `invert` records, in types that the page reads."""
    return {
        "restart": int(arrays["restart"]),
        "ids": arrays["ids"].astype(np.uint16),
        "steps": arrays["steps"].astype(np.uint32),
        "vectors": arrays["vectors"],
    }
