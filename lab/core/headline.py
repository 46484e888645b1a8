"""The few numbers of a stage by which runs are compared."""

from collections.abc import Mapping
from pathlib import Path

from lab.core.artifacts import metrics_json, write_with_twin


def write_headline(
    path: str | Path, numbers: Mapping[str, float | int | str], *keys: str, **renamed: str
) -> None:
    """Write some numbers, under names that stages share, so that DVC shows one narrow table.

    Missing ones are skipped: some are left out for your own points. They are kept in git.
    """
    named = dict(zip(keys, keys, strict=True)) | renamed
    chosen = {name: numbers[key] for name, key in named.items() if key in numbers}
    write_with_twin(path, metrics_json(chosen))
