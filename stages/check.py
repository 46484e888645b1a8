"""Validate the whole of params.yaml: `python -m stages.check`.

`dvc repro` skips a stage whose section did not change, so a misspelt key could go unnoticed.
"""

import importlib
import pkgutil

import stages
from lookingglass.errors import InputError
from lookingglass.params import PARAMS, Section, read, validate
from stages.entry import run
from stages.gpt import evaluate_gpt


def sections() -> dict[str, type[Section]]:
    """Every section and its model: a module that declares Params owns the section of its name."""
    modules = (info.name for info in pkgutil.walk_packages(stages.__path__, "stages."))
    return {
        name.rpartition(".")[2]: params
        for name in modules
        if name != __name__
        and (params := getattr(importlib.import_module(name), "Params", None)) is not None
    }


def shown(name: object) -> str:
    """A section's name as it is, or if one could not see it so, as Python would write it."""
    return name if isinstance(name, str) and name and name.isprintable() else repr(name)


def main() -> None:
    document = read()
    known = sections()
    problems = [
        f"{PARAMS}: {shown(name)}: unknown section; there are {', '.join(sorted(known))}"
        for name in document
        if name not in known
    ]
    for name, model in known.items():
        if name not in document:
            keys = ", ".join(model.model_fields)
            problems.append(f"{PARAMS}: {name}: missing; must be a section with {keys}")
            continue
        try:
            validate(name, document[name], model)
        except InputError as error:
            problems.append(str(error))
    if not problems:  # what one section says of another
        stride, size = document["evaluate_gpt"]["stride"], document["train_gpt"]["block_size"]
        evaluate_gpt.check_stride(stride, size)
    if problems:
        raise InputError("\n".join(problems))
    print(f"{PARAMS}: {len(known)} sections, all good")


if __name__ == "__main__":
    run(main)
