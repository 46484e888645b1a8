"""Each stage's `deps:` and `params:` are exactly what its code imports and reads.

DVC reruns a stage when a declared dependency changes, and only then: a missing one leaves stale
results, a superfluous one reruns for nothing.
"""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from lookingglass.params import read
from lookingglass.yaml12 import read_yaml
from tests.conftest import ROOT, files_in_git

PACKAGES = ("lookingglass", "lab", "stages")


def files_of(module: str, root: Path) -> list[str]:
    """The file of a module inside the repository, if it is one, and of packages that have code."""
    package, _, name = module.replace(".", "/").rpartition("/")
    if module.split(".")[0] not in PACKAGES or not (root / f"{package}/{name}.py").is_file():
        return []
    folders = [parent.as_posix() for parent in Path(package, name).parents][:-1]
    inits = [f"{folder}/__init__.py" for folder in folders]
    return [f"{package}/{name}.py", *(file for file in inits if has_code(root / file))]


def has_code(file: Path) -> bool:
    return file.is_file() and bool(file.read_text(encoding="utf-8"))


def imported(tree: ast.AST, root: Path) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield from files_of(alias.name, root)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            assert node.module
            yield from files_of(node.module, root)
            for alias in node.names:
                yield from files_of(f"{node.module}.{alias.name}", root)


def closure(start: str, root: Path = ROOT) -> dict[str, ast.AST]:
    """The syntax tree of a file and of all that it imports inside the repository."""
    trees: dict[str, ast.AST] = {}
    todo = files_of(start.removesuffix(".py").replace("/", "."), root)
    while todo:
        file = todo.pop()
        if file not in trees:
            trees[file] = ast.parse((root / file).read_text(encoding="utf-8"))
            todo.extend(imported(trees[file], root))
    return trees


def literals(trees: dict[str, ast.AST]) -> Iterator[tuple[str, str]]:
    """Every string in the code, with its file."""
    for file, tree in trees.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield file, node.value


def typst_reads(source: str, root: Path) -> set[str]:
    """What a Typst file reads, itself and its imports included: "/path" or plot("name"."""
    reads, todo = set(), [source]
    while todo:
        file = todo.pop()
        reads.add(file)
        text = (root / file).read_text(encoding="utf-8")
        paths = {path for path in re.findall(r'"/([^"]+)"', text) if "." in path}
        reads |= paths | {f"plots/{name}.svg" for name in re.findall(r'plot\(\s*"(\w+)"', text)}
        todo.extend(path for path in paths if path.endswith(".typ"))
    return reads


def typst_params(source: str, root: Path) -> set[str]:
    """The keys of params.yaml that a Typst file and its imports read."""
    named = r'(?:params|yaml\("/params\.yaml"\))\.(\w+)\.(\w+)'
    files = {file for file in typst_reads(source, root) if file.endswith(".typ")}
    return {
        f"{section}.{key}"
        for file in files
        for section, key in re.findall(named, (root / file).read_text(encoding="utf-8"))
    }


def sections(trees: dict[str, ast.AST]) -> set[str]:
    """The sections of params.yaml that the code loads."""
    return {
        node.args[0].value
        for tree in trees.values()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "load"
        and node.args
        and isinstance(node.args[0], ast.Constant)
    }


@cache
def stages(root: Path = ROOT) -> dict[str, dict]:
    return read_yaml(root / "dvc.yaml")["stages"]


def given(name: str) -> str | None:
    """The file that a dependency names, where it is a parameter: ${section.key}."""
    found = re.fullmatch(r"\$\{(\w+)\.(\w+)\}", name)
    return read(ROOT / "params.yaml")[found[1]][found[2]] if found else None


def outputs(stage: dict) -> set[str]:
    """Names of the files that a stage writes; an entry may carry options."""
    entries = [*stage.get("outs", []), *stage.get("metrics", []), *stage.get("plots", [])]
    return {entry if isinstance(entry, str) else next(iter(entry)) for entry in entries}


def expected_deps(name: str) -> set[str]:
    pipeline = stages()
    stage = pipeline[name]
    readable = set().union(*map(outputs, pipeline.values())) | files_in_git()
    return needed(stage, readable - {"params.yaml"}, ROOT)


def needed(stage: dict, readable: set[str], root: Path) -> set[str]:
    """What a stage's code imports, and which of the readable files it names."""
    module = stage["cmd"].removeprefix("python -m ")
    trees = closure(module.replace(".", "/") + ".py", root)
    read = set()
    for file, text in literals(trees):
        beside = str(Path(file).parent / text)
        read |= {text, beside} & readable
        if text.endswith(".typ"):
            read |= typst_reads(text, root) - {"params.yaml"}
    return set(trees) | (read - outputs(stage))


@pytest.mark.parametrize("name", stages())
def test_deps_are_what_the_code_imports_and_reads(name: str) -> None:
    deps, expected = stages()[name]["deps"], expected_deps(name)
    assert sorted(deps) == deps, "keep deps: sorted"
    parameters = {dep for dep in deps if given(dep)}
    for dep in parameters:
        assert dep[2:].split(".")[0] in stages()[name]["params"], "a parameter of another stage"
    declared = set(deps) - parameters
    assert expected - declared == set(), f"{name}: missing in deps:"
    assert declared - expected == set(), f"{name}: superfluous in deps:"


@pytest.mark.parametrize("name", stages())
def test_params_are_the_sections_that_the_code_loads(name: str) -> None:
    stage = stages()[name]
    trees = closure(stage["cmd"].removeprefix("python -m ").replace(".", "/") + ".py")
    keys = set(stage.get("params", []))
    in_typst = set()
    for source in stage["deps"]:
        if source.endswith(".typ"):
            in_typst |= typst_params(source, ROOT)
    assert in_typst <= keys
    assert {key.split(".")[0] for key in keys - in_typst} == sections(trees)


@pytest.mark.parametrize("name", stages())
def test_a_stage_says_what_it_answers_and_is_named_as_its_module(name: str) -> None:
    stage = stages()[name]
    assert stage["desc"].startswith("Exercise ")
    assert stage["cmd"].split(".")[-1] == name


def test_training_stages_have_no_output_outside_the_cache() -> None:
    """One uncached output, and a fresh clone trains again."""
    for name, stage in stages().items():
        if name.startswith("train_"):
            for entry in [
                *stage.get("outs", []),
                *stage.get("metrics", []),
                *stage.get("plots", []),
            ]:
                options = {} if isinstance(entry, str) else next(iter(entry.values()))
                assert options.get("cache", True), f"{name}: {entry}"


def test_every_model_is_an_artifact_that_says_what_it_is() -> None:
    files = set().union(*map(outputs, stages().values()))
    models = {file for file in files if file.endswith(".safetensors")}
    artifacts = read_yaml(ROOT / "dvc.yaml")["artifacts"].values()
    assert sorted(artifact["path"] for artifact in artifacts) == sorted(models)
    for artifact in artifacts:
        assert artifact["type"] == "model"
        assert "exercise" in artifact["desc"]
        assert artifact["labels"]


def test_package_files_are_empty() -> None:
    """They are imported by everything; all but that of the stages, which sets the numerics."""
    for package in PACKAGES:
        for file in (ROOT / package).rglob("__init__.py"):
            if file == ROOT / "stages" / "__init__.py":
                assert list(imported(ast.parse(file.read_text()), ROOT)) == ["lab/numerics.py"]
            else:
                assert file.read_text() == "", file


def test_every_kind_of_import_and_read_is_seen(tmp_path: Path) -> None:
    """A small repository with one of each: what this file checks with must itself be right."""
    for name, text in {
        "stages/a.py": "import lookingglass.b\nfrom lookingglass import c\n"
        "def f():\n import stages.d\n open('data/in.npz'), open('out.csv'), open('report/r.typ')",
        "lookingglass/b.py": "from lookingglass.e import thing",
        "lookingglass/c.py": "",
        "lookingglass/e.py": "thing = 1",
        "lookingglass/unused.py": "",
        "stages/d.py": "import json; open('beside.txt')",
        "stages/__init__.py": "import lab.numerics",
        "lab/__init__.py": "",
        "lab/numerics.py": "",
        "report/r.typ": '#import "/report/s.typ": *\n#plot(\n  "curve", alt: "")',
        "report/s.typ": '#json("/metrics/m.json")',
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    imports = {
        "stages/a.py", "stages/d.py", "lookingglass/b.py", "lookingglass/c.py", "lookingglass/e.py",
        "stages/__init__.py", "lab/numerics.py",
    }  # fmt: skip
    assert set(closure("stages/a.py", tmp_path)) == imports
    reads = {"data/in.npz", "stages/beside.txt", "report/r.typ"}
    stage = {"cmd": "python -m stages.a", "outs": ["out.csv"]}
    found = needed(stage, reads | {"out.csv", "data/unused.npz"}, tmp_path)
    typst = {"report/s.typ", "plots/curve.svg", "metrics/m.json"}
    assert found == imports | reads | typst
