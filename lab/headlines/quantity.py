"""Headline numbers over the seeds of a training, as docs/seeds.csv has them.

`make seeds` writes that file, and git keeps it. It is not an output of a stage, because every stage
that depends on the trainings of seeds/dvc.yaml would run them all. So each row says by a hash which
parameters and weights it belongs to. Where these have changed, only one seed is left: the
pipeline's own.
"""

import csv
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any

from lab.core.artifacts import read_bytes, read_metrics
from lab.core.params import PARAMS, read
from lab.headlines.shown import Kind, averaged, compared
from lookingglass.comparison import compare
from lookingglass.errors import InputError
from lookingglass.intervals import mean_interval

TABLE = "docs/seeds.csv"
HEADER = ("model", "seed", "quantity", "value", "hash")


@dataclass(frozen=True)
class Fixed:
    """A number that has no seed, in a file of metrics."""

    metrics: str
    key: str

    def own(self) -> list[float]:
        """The number; nothing if it was left out, as some are of points of one's own.

        Raises InputError if it is anything but a number.
        """
        numbers = read_metrics(self.metrics)
        if self.key not in numbers:
            return []
        number = numbers[self.key]
        if not isinstance(number, int | float) or not isfinite(number):
            raise InputError(f"{self.metrics}: {self.key}: not a number: {number!r}")
        return [float(number)]


@dataclass(frozen=True)
class Quantity(Fixed):
    """A headline number of a model; `own` has that of the pipeline's own seed."""

    model: str  # a stage of seeds/dvc.yaml
    name: str  # in its results
    kind: Kind
    weights: str  # the model's file, or another that changes with it
    sections: tuple[str, ...]  # of params.yaml that it depends on

    def hash(self) -> str:
        """Of these sections and the weights. Raises InputError if one of them is missing."""
        document = read()
        if missing := [section for section in self.sections if section not in document]:
            raise InputError(f"{PARAMS}: {missing[0]}: missing")
        values = [document[section] for section in self.sections]
        digest = hashlib.sha256(json.dumps(values, sort_keys=True).encode())
        digest.update(read_bytes(self.weights))
        return digest.hexdigest()[:16]

    def by_seed(self) -> dict[int, float]:
        """Its values in docs/seeds.csv, by seed, if they are of these parameters and weights."""
        current = self.hash()
        return {
            seed: value
            for model, seed, name, value, of in rows()
            if (model, name, of) == (self.model, self.name, current)
        }


def rows() -> list[tuple[str, int, str, float, str]]:
    """The rows of docs/seeds.csv; none if it is not there. Raises InputError if it is damaged."""
    if not Path(TABLE).is_file():
        return []
    try:
        with Path(TABLE).open(encoding="utf-8", newline="") as file:
            found = [
                (row["model"], int(row["seed"]), row["quantity"], float(row["value"]), row["hash"])
                for row in csv.DictReader(file)
            ]
    except (csv.Error, KeyError, TypeError, ValueError) as error:
        raise InputError(f"{TABLE}: damaged; 'make seeds' writes it again") from error
    if not all(isfinite(row[3]) for row in found):
        raise InputError(f"{TABLE}: damaged; 'make seeds' writes it again")
    return found


@dataclass(frozen=True)
class Headlines:
    """What is reported of some models, and which of it is compared, under which name."""

    quantities: tuple[Quantity, ...]
    comparisons: Mapping[str, tuple[Quantity, Quantity | Fixed]]  # of these; less is better


def over_seeds(*several: Headlines) -> dict[str, dict[str, Any]]:
    """Quantities, as MODEL_NAME, and comparisons, by their names, each in words as its `text`.

    A quantity also has its `mean` and the number of `seeds`; a comparison its `verdict` and the
    number of `seeds`. Those that need a number that was left out are missing.
    """
    found: dict[str, dict[str, Any]] = {}
    values = {quantity: quantity.by_seed() for each in several for quantity in each.quantities}
    for quantity, by_seed in values.items():
        if numbers := list(by_seed.values()) or quantity.own():
            mean, half_width = mean_interval(numbers)
            text = averaged(mean, half_width, quantity.kind)
            numbered = {"text": text, "mean": mean, "seeds": len(numbers)}
            found[f"{quantity.model}_{quantity.name}"] = numbered
    for name, (a, b) in (item for each in several for item in each.comparisons.items()):
        if a.own() and b.own():
            of_a = values[a]
            of_b = values[b] if isinstance(b, Quantity) else dict.fromkeys(of_a, b.own()[0])
            both = sorted(of_a.keys() & of_b.keys())
            result = compare(
                [of_a[seed] for seed in both] or a.own(), [of_b[seed] for seed in both] or b.own()
            )
            text = compared(result, a.kind)
            found[name] = {"text": text, "verdict": result.verdict, "seeds": result.pairs}
    return found


def what_the_intervals_are(headlines: Mapping[str, Mapping[str, Any]]) -> str:
    """What the ± of `over_seeds` means, or why there is none; a sentence."""
    seeds = max(headline["seeds"] for headline in headlines.values())
    if seeds == 1:
        return "One seed cannot say which differences are chance; 'make seeds' trains with more."
    return (
        "After ±: half the width of a 95% interval (Student's t) over the seeds of the training, "
        f"of which there are {seeds}; of a comparison, over its differences seed by seed."
    )
