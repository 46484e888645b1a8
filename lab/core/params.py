"""Read params.yaml, with clear messages for what is wrong in it.

Each stage declares its section as a subclass of Section, next to its code.
"""

from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from lab.core.yaml12 import read_yaml
from lookingglass.errors import InputError

PARAMS = "params.yaml"

Seed = Annotated[int, Field(ge=0, lt=2**63)]
Count = Annotated[int, Field(ge=1, le=10_000_000)]


class Section(BaseModel):
    """A section of params.yaml: no unknown keys, no silent conversions, no NaN, immutable."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


S = TypeVar("S", bound=Section)


def read(path: str | Path = PARAMS) -> dict[str, Any]:
    """The whole file, with the same values as DVC reads.

    Raises InputError if there is no such file, or it is not a YAML mapping.
    """
    document = read_yaml(path)
    if not isinstance(document, dict):
        raise InputError(f"{path}: must be a mapping of sections")
    return document


def load(section: str, model: type[S], path: str | Path = PARAMS) -> S:
    """Read and check a section. Raises InputError with one line per problem."""
    document = read(path)
    if section not in document:
        raise InputError(f"{path}: {section}: missing; must be a section with {_keys(model)}")
    return validate(section, document[section], model, path)


def validate(section: str, values: object, model: type[S], path: str | Path = PARAMS) -> S:
    """Check a section's values. Raises InputError like load."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        lines = [
            f"{path}: {_explain(section, problem, model)}"
            for problem in error.errors(include_url=False)
        ]
        raise InputError("\n".join(lines)) from error


def _explain(section: str, problem: ErrorDetails, model: type[Section]) -> str:
    location = problem["loc"]
    key = ".".join(map(named, [section, *location]))
    if not location:  # not a mapping at all
        return f"{key} = {_shown(problem['input'])}: must be a section with {_keys(model)}"
    if problem["type"] == "extra_forbidden":
        return f"{key} = {_shown(problem['input'])}: unknown key; {section} has {_keys(model)}"
    schema = model.model_json_schema()["properties"].get(location[0], {})
    for _ in location[1:]:
        schema = schema.get("items", {})
    allowed = _allowed(schema) or problem["msg"].removeprefix("Input should be ")
    if problem["type"] == "missing":
        return f"{key}: missing; must be {allowed}"
    if problem["type"] == "value_error":  # raised by one of the model's own validators
        allowed = str(problem["ctx"]["error"])
    return f"{key} = {_shown(problem['input'])}: must be {allowed}"


def named(key: object) -> str:
    """A key as it is; a long or unprintable one as its repr."""
    plain = isinstance(key, str) and 0 < len(key) <= 60 and key.isprintable()
    return str(key) if plain else _shown(key)


def _keys(model: type[Section]) -> str:
    return ", ".join(model.model_fields)


def _shown(value: object) -> str:
    try:
        text = " ".join(repr(value).split())
    except ValueError:  # Python refuses to print integers of more than 4300 digits
        return "a number of thousands of digits"
    return text if len(text) <= 60 else f"{text[:57]}..."


def _allowed(schema: dict[str, Any]) -> str:
    """A field's JSON schema in words: "an integer, at least 1, at most 100"."""
    if "enum" in schema:
        return f"one of {', '.join(map(str, schema['enum']))}"
    kinds = {
        "integer": "an integer",
        "number": "a number",
        "string": "text",
        "boolean": "true or false",
        "array": "a list",
    }
    words = [kinds[schema["type"]]] if schema.get("type") in kinds else []
    if schema.get("minLength"):
        words.append("not empty")
    for bound, phrase in (
        ("minimum", "at least"),
        ("exclusiveMinimum", "greater than"),
        ("maximum", "at most"),
        ("exclusiveMaximum", "less than"),
    ):
        if bound in schema:
            words.append(f"{phrase} {schema[bound]}")
    if "minItems" in schema or "maxItems" in schema:
        fewest, most = schema.get("minItems", 0), schema.get("maxItems")
        length = f"at least {fewest}" if most is None else f"{fewest} to {most}"
        words.append(f"of {fewest}" if fewest == most else f"of {length}")
        words.append(f"each {_allowed(schema['items'])}")
    return ", ".join(words)
