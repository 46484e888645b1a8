"""Validate the whole of params.yaml: `python -m tools.check`.

`dvc repro` skips stages whose section did not change, so a misspelt key could go unnoticed.
"""

import functools
import importlib
import pkgutil
from typing import Any

import lab
import stages
from lab.core.entry import run
from lab.core.params import PARAMS, Section, named, read, validate
from lookingglass.errors import InputError
from stages.diffusion import classes, likelihood, train_diffusion
from stages.gpt import evaluate_gpt


@functools.cache
def sections() -> dict[str, type[Section]]:
    """Every section and its model: the module that declares Params has the section's name."""
    return {
        info.name.rpartition(".")[2]: params
        for package in (lab, stages)
        for info in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
        if (params := getattr(importlib.import_module(info.name), "Params", None)) is not None
    }


def check_together(given: dict[str, Any]) -> None:
    """Checks across sections that are valid on their own."""
    evaluate_gpt.check_stride(given["evaluate_gpt"].stride, given["train_gpt"].block_size)
    regions = [classes.to_region(corners) for corners in given["classes"].regions]
    likelihood.split(given["likelihood"].points, regions)
    square = given["points"].file.endswith(".toml")
    train_diffusion.check_symmetric(given["train_diffusion"].symmetric, square=square)


def check(document: dict[str, Any]) -> int:
    """Check all sections; gives their number. Raises InputError with one line per problem."""
    known = sections()
    problems = [
        f"{PARAMS}: {named(name)}: unknown section; there are {', '.join(sorted(known))}"
        for name in document
        if name not in known
    ]
    given = {}
    for name, model in known.items():
        if name not in document:
            keys = ", ".join(model.model_fields)
            problems.append(f"{PARAMS}: {name}: missing; must be a section with {keys}")
            continue
        try:
            given[name] = validate(name, document[name], model)
        except InputError as error:
            problems.append(str(error))
    if not problems:
        check_together(given)
    if problems:
        raise InputError("\n".join(problems))
    return len(known)


def main() -> None:
    print(f"{PARAMS}: {check(read())} sections, all good")


if __name__ == "__main__":
    run(main)
