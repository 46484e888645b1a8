"""The few numbers of a stage by which runs are compared."""

from collections.abc import Mapping
from typing import TypeVar

T = TypeVar("T")


def headline(numbers: Mapping[str, T], *keys: str, **renamed: str) -> dict[str, T]:
    """Pick some numbers, under names that stages share, so that DVC shows one narrow table.

    Missing ones are skipped: some are left out for your own points.
    """
    named = dict(zip(keys, keys, strict=True)) | renamed
    return {name: numbers[key] for name, key in named.items() if key in numbers}
