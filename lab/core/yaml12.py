"""YAML as DVC reads it: version 1.2 and its core schema, by PyYAML.

PyYAML follows YAML 1.1, where 1e-3 is text, 010 is 8, off is False and 12:30 is 750. The loader
here resolves plain scalars as DVC's parser (ruamel.yaml) does. Anything that the two would still
read differently is refused, with a hint what to write instead. Both use libyaml; PyYAML's own
parser in Python differs from it, on tabs for example.
"""

import re
from collections.abc import Hashable
from contextlib import suppress
from pathlib import Path
from typing import Any

import yaml
from yaml import MappingNode, MarkedYAMLError, ScalarNode
from yaml.events import AliasEvent, CollectionEndEvent, CollectionStartEvent, Event, ScalarEvent

from lookingglass.errors import InputError

DEEPEST = 20  # levels of nesting; params.yaml has four

INTEGER = re.compile(r"[-+]?[0-9]+\Z|0o[0-7]+\Z|0x[0-9a-fA-F]+\Z")
FLOAT = re.compile(
    r"[-+]?(?:[0-9]+(?:\.[0-9]*)?(?:[eE][-+]?[0-9]+)?|\.[0-9]+(?:[eE][-+][0-9]+)?)\Z"
    r"|[-+]?\.(?:inf|Inf|INF)\Z|\.(?:nan|NaN|NAN)\Z"
)
# what one of the parsers, or a reader, may take for a number or a date; and = of YAML 1.1
DISPUTED = re.compile(
    r"(?!_)[-+]?(?=\.?[0-9_])[0-9_]*\.?[0-9_]*(?:[eE][-+]?[0-9]+)?\Z"  # 1_000, .5e3
    r"|[-+]?0(?:b[01_]+|o[0-7_]+|x[0-9a-fA-F_]+)\Z"  # 0b11, -0x10; but 0bcb9 is text to both
    r"|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt \t]+[0-9]{1,2}:.*)?\Z"
    r"|=\Z"
)


class Loader(yaml.CSafeLoader):
    """Resolves plain scalars by YAML 1.2's core schema; keys are text and unique."""

    yaml_implicit_resolvers = {}  # noqa: RUF012 -- none of YAML 1.1's

    def construct_mapping(self, node: MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        """Refuse duplicate keys, of which PyYAML would keep the last."""
        keys = set()
        for key, _ in node.value:
            if key.tag != self.DEFAULT_SCALAR_TAG:
                problem = "a key that is not text; quote it"
                raise MarkedYAMLError(problem=problem, problem_mark=key.start_mark)
            if key.value in keys:
                problem = f"{key.value[:60]!r}: given twice in one mapping; keep one of the two"
                raise MarkedYAMLError(problem=problem, problem_mark=key.start_mark)
            keys.add(key.value)
        return super().construct_mapping(node, deep)


def _integer(loader: Loader, node: ScalarNode) -> int:
    """In YAML 1.2 a leading zero does not make a number octal."""
    return int(node.value, 0 if node.value.startswith(("0o", "0x")) else 10)


for kind, pattern in {
    "null": re.compile(r"(?:~|null|Null|NULL|)\Z"),
    "bool": re.compile(r"(?:true|True|TRUE|false|False|FALSE)\Z"),
    "int": INTEGER,
    "float": FLOAT,
}.items():
    Loader.add_implicit_resolver(f"tag:yaml.org,2002:{kind}", pattern, None)
Loader.add_constructor("tag:yaml.org,2002:int", _integer)


class Dumper(yaml.SafeDumper):
    """Quotes all text, so that no parser takes it for anything else."""


Dumper.add_representer(
    str, lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"')
)


def read_yaml(path: str | Path) -> Any:
    """The document in a file. Raises InputError if it cannot be read or is refused."""
    try:
        return parse(Path(path).read_text(encoding="utf-8"), path)
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not UTF-8 text (byte {error.start})") from error


def parse(text: str, name: str | Path) -> Any:
    """The document in a text. Raises InputError with one line that begins with `name`."""
    try:
        _check_events(text)
        return yaml.load(text, Loader)
    except MarkedYAMLError as error:
        line = f" line {error.problem_mark.line + 1}:" if error.problem_mark else ""
        raise InputError(f"{name}:{line} {' '.join(str(error.problem).split())}") from error
    except (yaml.YAMLError, ValueError) as error:  # such as an integer of 9000 digits
        raise InputError(f"{name}: cannot be read: {' '.join(str(error).split())}") from error


def dump(document: Any) -> str:
    """A document as YAML that `parse`, DVC and any other parser read the same."""
    return yaml.dump(document, Dumper=Dumper, sort_keys=False)


def _check_events(text: str) -> None:
    """Refuse what parsers may differ on or choke on, before anything is built.

    A tag on an unsuitable value (!!bool x) raises exceptions of all kinds, deep nesting crashes the
    parser in C, and aliases of aliases can use up the memory.
    """
    flow: list[bool] = []  # for each open collection: in brackets rather than block style?
    for event in yaml.parse(text, Loader):
        if isinstance(event, CollectionStartEvent):
            flow.append(bool(event.flow_style))
        elif isinstance(event, CollectionEndEvent):
            flow.pop()
        problem = _problem(event, in_flow=flow[-1:] == [True])
        if len(flow) > DEEPEST:
            problem = f"nested more than {DEEPEST} levels deep"
        if problem:
            mark: Any = event.start_mark  # the stubs tell the C parser's from Python's
            raise MarkedYAMLError(problem=problem, problem_mark=mark)


def _problem(event: Event, in_flow: bool) -> str | None:
    """What is wrong with an event, and what to write instead."""
    if isinstance(event, AliasEvent):
        return f"*{event.anchor:.60}: an alias; write the value itself"
    if tag := getattr(event, "tag", None):
        tag = tag.replace("tag:yaml.org,2002:", "!!")
        return f"{tag[:60]!r}: a tag; write the value without it"
    if isinstance(event, ScalarEvent) and event.implicit[0]:  # plain, not quoted
        text = event.value
        if text == "<<":
            return "<<: a merge key; write the keys themselves"
        if in_flow and (":" in text or "?" in text):  # {x:1}: DVC wants a space after the colon
            space = "write a space after the colon, or " if ":" in text else ""
            return f"{text[:60]!r}: {space}quote it if it is text"
        if DISPUTED.match(text) and not INTEGER.match(text) and not FLOAT.match(text):
            return f"{text[:60]}: {_instead(text)}quote it if it is meant as text"
    return None


def _instead(text: str) -> str:
    """How to write the number that a disputed scalar was meant as, if it is one."""
    number = re.sub(r"^([-+]?)\.", r"\g<1>0.", text.replace("_", ""))
    with suppress(ValueError):  # 0b11 and the like
        number = str(int(number, 0))
    plain = len(number) < 60 and (INTEGER.match(number) or FLOAT.match(number))
    return f"write {number}, or " if plain else ""
