"""Of all the numbers that a stage writes, those by which two runs are compared."""

from collections.abc import Mapping
from typing import TypeVar

T = TypeVar("T")


def headline(numbers: Mapping[str, T], *keys: str, **renamed: str) -> dict[str, T]:
    """Some of the numbers, by names that stages share, so that DVC shows one narrow table.

    A number that there is not (of the user's own points, some are left out) is left out here, too.
    """
    named = dict(zip(keys, keys, strict=True)) | renamed
    return {name: numbers[key] for name, key in named.items() if key in numbers}
