"""The grid of a sweep: parse it, name its points, and check each before anything runs.

`points(["train_diffusion.width=32,64", "train_diffusion.seed=0..4"], "evaluate_diffusion")` gives
ten points, each with a `name` (that of its DVC experiment), `overrides` (for `dvc exp run -S`) and
a `message`, from which `described` gets the point back.
"""

import hashlib
import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import Any

from dvc.utils.hydra import to_hydra_overrides

from lab.core.params import PARAMS, read
from lab.core.yaml12 import parse
from lookingglass.errors import InputError
from tools.blast_radius import radius
from tools.check import check
from tools.pipeline import declared

MOST = 10_000  # points in a grid
WORD = "sweep"  # the first word of an experiment's commit message


@dataclass(frozen=True)
class Point:
    """One setting of the grid: values by section.key, in order of the keys."""

    values: tuple[tuple[str, Any], ...]
    target: str | None = None  # the stage to reproduce, with all it needs; None is all stages

    @property
    def name(self) -> str:
        """A hash of the values and the target, however the values were written."""
        said = json.dumps([self.target, self.values])
        return f"{WORD}-{hashlib.sha256(said.encode()).hexdigest()[:10]}"

    @property
    def overrides(self) -> tuple[str, ...]:
        """What `-S` takes, in the grammar of Hydra."""
        return tuple(f"{key}={json.dumps(value, ensure_ascii=False)}" for key, value in self.values)

    @property
    def message(self) -> str:
        """The commit message of its experiment."""
        return shlex.join([WORD, self.target or "", *self.overrides])


def described(message: str) -> Point | None:
    """The point whose message this is; None for what is no point of a sweep."""
    try:
        word, target, *overrides = shlex.split(message)
        split = [override.partition("=") for override in overrides]
        values = tuple((key, json.loads(value)) for key, _, value in split)
    except ValueError:  # other words, or fewer
        return None
    return Point(values, target or None) if word == WORD else None


def axis(text: str) -> tuple[str, list[Any]]:
    """A key and its values: KEY=V1,V2,... (YAML, lists in brackets) or KEY=0..4 (both ends)."""
    key, equals, given = text.partition("=")
    if not equals or not re.fullmatch(r"\w+\.\w+", key):
        raise InputError(f"{text}: must be SECTION.KEY=VALUES, as in train_diffusion.seed=0..4")
    if ends := re.fullmatch(r"(\d{1,18})\.\.(\d{1,18})", given):
        first, last = map(int, ends.groups())
        if not 0 <= last - first < MOST:
            raise InputError(f"{text}: must be a range of 1 to {MOST:,} numbers")
        return key, list(range(first, last + 1))
    values = parse(f"[{given}]", text)
    if not values:
        raise InputError(f"{text}: no values; must be V1,V2,... or FIRST..LAST")
    written = [json.dumps(value) for value in values]
    if twice := [value for value in written if written.count(value) > 1]:
        raise InputError(f"{text}: {twice[0]} is given twice")
    return key, values


def grid(texts: list[str], target: str | None) -> Iterator[Point]:
    """The product of the axes, as points."""
    axes = [axis(text) for text in texts]
    keys = [key for key, _ in axes]
    if twice := [key for key in keys if keys.count(key) > 1]:
        raise InputError(f"{twice[0]}: is given twice")
    if (number := prod(len(values) for _, values in axes)) > MOST:
        raise InputError(f"a grid of {number:,} points; at most {MOST:,}")
    for key, values in axes:
        for value in values:
            check_override(key, value)
    for chosen in product(*(values for _, values in axes)):
        yield Point(tuple(sorted(zip(keys, chosen, strict=True))), target)


def check_override(key: str, value: Any) -> None:
    """Raise InputError for a value that `dvc exp run -S` would read differently."""
    text = Point(((key, value),)).overrides[0]
    try:
        same = to_hydra_overrides([text])[0].value() == value and "${" not in text
    except Exception:  # Hydra's parser has many
        same = False
    if not same:
        raise InputError(f"{text}: DVC cannot set this value; write it into {PARAMS}")


def points(texts: list[str], target: str | None) -> list[Point]:
    """All points of the grid.

    Raises InputError for bad syntax, what `tools.check` refuses, an unknown target, and one that a
    key does not affect, so that all its points would be the same.
    """
    found = list(grid(texts, target))
    stages = declared()
    if target is not None and target not in stages:
        raise InputError(f"--target {target}: no such stage; there are {', '.join(stages)}")
    for point in found:
        document = read()
        for key, value in point.values:
            section, _, name = key.partition(".")
            if not isinstance(document.setdefault(section, {}), dict):
                raise InputError(f"{PARAMS}: {section}: must be a section")
            document[section][name] = value
        check(document)
    for key, _ in found[0].values:
        if target is not None and target not in radius(key, stages):
            raise InputError(f"{key}: --target {target} does not depend on it")
    return found
