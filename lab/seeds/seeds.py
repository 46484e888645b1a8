"""The section `seeds`; what the stages of seeds/dvc.yaml are asked for, and where results go."""

import sys
from collections.abc import Mapping
from typing import Annotated

from pydantic import Field, field_validator

from lab.core.artifacts import write_metrics
from lab.core.params import Section, Seed
from lookingglass.errors import InputError


class Params(Section):
    """The seeds of every model's training; one alone would have no interval."""

    numbers: Annotated[list[Seed], Field(min_length=2, max_length=100)]
    variants: Annotated[list[Seed], Field(min_length=2, max_length=100)]

    @field_validator("numbers", "variants")
    @classmethod
    def _different(cls, numbers: list[int]) -> list[int]:
        if len(set(numbers)) < len(numbers):
            raise ValueError("a list of different seeds")
        return numbers


def asked_seed() -> int:
    """The seed on the command line, as in `python -m stages.seeds.gpt 3`."""
    match sys.argv[1:]:
        case [number] if number.isdecimal():
            return int(number)
    raise InputError(f"{' '.join(sys.argv[1:]) or 'no seed'}: give one seed, a whole number from 0")


def result_path(model: str, seed: int) -> str:
    """Where the headline numbers of a model with this seed are."""
    return f"seeds/results/{model}_{seed}.json"


def write_result(model: str, seed: int, metrics: Mapping[str, float | int]) -> None:
    """Write and print them."""
    write_metrics(result_path(model, seed), metrics)
    print(f"{model}, seed {seed}:", ", ".join(f"{k} {v:.5g}" for k, v in metrics.items()))
