"""Write the `deps:` in dvc.yaml and seeds/dvc.yaml from what a stage's code imports and reads.

Those are the modules that a stage imports, directly or indirectly, and the files whose paths appear
as strings in their code (relative to the root or to the module), if git tracks them or a stage
writes them; the `main` of another stage's module does not count, since it is not run. explorer/ and
each folder of lab/ is one dependency, since its files change together.
`--check` only verifies, and exits with code 2 if one of the files is out of date.
"""

import argparse
import ast
import re
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from lab.core.artifacts import write_bytes
from lab.core.entry import run
from lab.core.params import PARAMS
from lab.core.yaml12 import read_yaml
from lookingglass.errors import InputError

PIPELINE = "dvc.yaml"
SEEDS = "seeds/dvc.yaml"
PACKAGES = ("lookingglass", "lab", "stages")


def files_of(module: str, root: Path) -> list[str]:
    """The file of a module of this repository, and any non-empty __init__.py of its packages."""
    path = Path(*module.split("."))
    if path.parts[0] not in PACKAGES or not (root / path.with_suffix(".py")).is_file():
        return []
    inits = [folder / "__init__.py" for folder in list(path.parents)[:-1]]
    with_code = [init for init in inits if (root / init).is_file() and (root / init).stat().st_size]
    return [file.as_posix() for file in (path.with_suffix(".py"), *with_code)]


def imports(tree: ast.AST, root: Path) -> Iterator[str]:
    """The files that a module's import statements name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield from files_of(alias.name, root)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for name in (node.module, *(f"{node.module}.{alias.name}" for alias in node.names)):
                yield from files_of(name, root)


def closure(module: str, root: Path) -> dict[str, ast.AST]:
    """The syntax trees of a module and of all that it imports, directly or indirectly."""
    trees: dict[str, ast.AST] = {}
    todo = files_of(module, root)
    while todo:
        file = todo.pop()
        if file not in trees:
            trees[file] = ast.parse((root / file).read_text(encoding="utf-8"))
            todo.extend(imports(trees[file], root))
    return trees


def strings(tree: ast.AST, *, main: bool = True) -> Iterator[str]:
    """Every string in the code, or in all but its function `main`."""
    todo = [tree]
    while todo:
        node = todo.pop()
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        if main or not (isinstance(node, ast.FunctionDef) and node.name == "main"):
            todo.extend(ast.iter_child_nodes(node))


def typst_reads(source: str, root: Path) -> set[str]:
    """What a Typst file and its imports read, themselves included: "/path" or plot("name"."""
    reads: set[str] = set()
    todo = [source]
    while todo:
        file = todo.pop()
        reads.add(file)
        text = (root / file).read_text(encoding="utf-8")
        paths = {path for path in re.findall(r'"/([^"]+)"', text) if "." in path}
        reads |= paths | {f"plots/{name}.svg" for name in re.findall(r'plot\(\s*"(\w+)"', text)}
        todo.extend(path for path in paths if path.endswith(".typ"))
    return reads


def outputs(stage: dict[str, Any]) -> set[str]:
    """The files that a stage writes; an entry of its lists may carry options."""
    entries = [*stage.get("outs", []), *stage.get("metrics", []), *stage.get("plots", [])]
    return {entry if isinstance(entry, str) else next(iter(entry)) for entry in entries}


def needed(stage: dict[str, Any], readable: set[str], root: Path) -> set[str]:
    """What a stage's code imports, and which of the readable files it names."""
    module = stage["cmd"].removeprefix("python -m ").split()[0]
    trees = closure(module, root)
    read: set[str] = set()
    for file, tree in trees.items():
        for text in strings(tree, main=file == f"{module.replace('.', '/')}.py"):
            beside = (Path(file).parent / text).as_posix() if len(text) < 100 else text
            read |= {text, beside} & readable
            if text.endswith(".typ"):
                read |= typst_reads(text, root)
    return {folded(name) for name in (read - outputs(stage) - {PARAMS}) | set(trees)}


def folded(name: str) -> str:
    """The folder of a file in lab/, or explorer/; any other file itself."""
    parts = Path(name).parts
    if parts[0] == "explorer":
        return parts[0]
    return "/".join(parts[:2]) if parts[0] == "lab" and len(parts) > 2 else name


def in_git(root: Path) -> set[str]:
    """The files that git tracks, and the new ones that it does not ignore."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run(command, cwd=root, check=True, capture_output=True, encoding="utf-8")
    return set(done.stdout.split("\0")) - {""}


def rewritten(text: str, stages: dict[str, Any], root: Path, made: Iterable[str] = ()) -> str:
    """A pipeline's file with correct `deps:`; everything else, comments included, stays the same.

    So do files named by a parameter, ${section.key}, which the code cannot tell. `made` is what
    another pipeline writes.
    """
    readable = set[str](made).union(*map(outputs, stages.values())) | in_git(root)
    for name, stage in stages.items():
        given = {dep for dep in (stage.get("deps") or []) if dep.startswith("${")}
        deps = sorted(given | needed(stage, readable, root))
        block = "    deps:\n" + "".join(f"      - {dep}\n" for dep in deps)
        before, head, after = text.partition(f"\n  {name}:\n")
        text = before + head + re.sub(r"    deps:\n(      - .*\n)*", block, after, count=1)
    return text


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--check", action="store_true", help="verify only")
    check = parser.parse_args().check
    made: set[str] = set()
    for pipeline in (PIPELINE, SEEDS):
        text, stages = Path(pipeline).read_text(encoding="utf-8"), read_yaml(pipeline)["stages"]
        right = rewritten(text, stages, Path(), made)
        made |= set[str]().union(*map(outputs, stages.values()))
        if right == text:
            print(f"{pipeline}: all deps are up to date")
        elif check:
            raise InputError(f"{pipeline}: deps: out of date; run python -m tools.deps")
        else:
            write_bytes(pipeline, right.encode())
            print(f"-> {pipeline}")


if __name__ == "__main__":
    run(main)
