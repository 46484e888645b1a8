"""Arrays as text, to be put into a page; explorer/lib/arrays.js unpacks them."""

import base64
import gzip
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

DTYPES = ("uint8", "uint16", "uint32", "int32", "float16", "float32", "float64")


def pack(tree: Any) -> Any:
    """The same mappings and lists as plain JSON, each array as {dtype, shape, data}.

    data is base64 of the gzipped numbers: little-endian, in C order. The same tree gives the same
    text. Raises TypeError for an array of a type that the page cannot read.
    """
    if isinstance(tree, Mapping):
        return {key: pack(value) for key, value in tree.items()}
    if isinstance(tree, list | tuple):
        return [pack(value) for value in tree]
    return _pack_array(tree) if isinstance(tree, np.ndarray) else tree


def _pack_array(array: NDArray[Any]) -> dict[str, Any]:
    dtype = array.dtype.name
    if dtype not in DTYPES:
        raise TypeError(f"an array of {dtype}: must be one of {', '.join(DTYPES)}")
    numbers = array.astype(array.dtype.newbyteorder("<")).tobytes()
    # without a time in its header, which would differ from day to day
    data = base64.b64encode(gzip.compress(numbers, mtime=0)).decode()
    return {"dtype": dtype, "shape": list(array.shape), "data": data}
