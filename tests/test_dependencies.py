"""Each stage's `deps:` and `params:` are exactly what its code imports and reads.

DVC reruns a stage when a declared dependency changes, and only then: a missing one leaves stale
results, an unnecessary one causes needless reruns.
"""

import ast
import re
import subprocess
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest

from lab.core.params import read
from lab.core.yaml12 import read_yaml
from lab.headlines.quantity import Quantity
from tests.conftest import ROOT, Checkout
from tools.deps import (
    PACKAGES,
    PIPELINE,
    SEEDS,
    closure,
    imports,
    in_git,
    needed,
    outputs,
    rewritten,
    typst_reads,
)


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
    """The sections of params.yaml that the code loads, or that a headline number depends on."""
    found = set()
    for file, tree in trees.items():
        for node in ast.walk(tree):
            match node:
                case ast.Call(func=ast.Name(id="load"), args=[ast.Constant(value=section), *_]):
                    found.add(section)
        if file.startswith("lab/headlines/"):
            names = vars(import_module(file.removesuffix(".py").replace("/", ".")))
            variants = names.get("VARIANTS", {}).values()
            for quantity in (*names.values(), *variants):
                if isinstance(quantity, Quantity):
                    found |= set(quantity.sections)
    return found


@cache
def stages(root: Path = ROOT, pipeline: str = PIPELINE) -> dict[str, dict]:
    return read_yaml(root / pipeline)["stages"]


def given(name: str) -> str | None:
    """The file that a dependency names by a parameter, ${section.key}; None if it does not."""
    found = re.fullmatch(r"\$\{(\w+)\.(\w+)\}", name)
    return read(ROOT / "params.yaml")[found[1]][found[2]] if found else None


def test_deps_are_what_the_code_imports_and_reads() -> None:
    made = set[str]().union(*map(outputs, stages().values()))
    for pipeline in (PIPELINE, SEEDS):
        text = (ROOT / pipeline).read_text(encoding="utf-8")
        right = rewritten(text, stages(pipeline=pipeline), ROOT, made)
        assert right == text, "python -m tools.deps"


@pytest.mark.parametrize("name", stages())
def test_a_file_that_a_parameter_names_belongs_to_a_section_of_the_stage(name: str) -> None:
    for dep in filter(given, stages()[name]["deps"]):
        assert dep[2:].split(".")[0] in stages()[name]["params"]


@pytest.mark.parametrize(
    ("pipeline", "name"),
    [(pipeline, name) for pipeline in (PIPELINE, SEEDS) for name in stages(pipeline=pipeline)],
)
def test_params_are_the_sections_that_the_code_loads(pipeline: str, name: str) -> None:
    stage = stages(pipeline=pipeline)[name]
    trees = closure(stage["cmd"].removeprefix("python -m ").split()[0], ROOT)
    keys = set(stage.get("params", []))
    in_typst = set()
    for source in stage["deps"]:
        if source.endswith(".typ"):
            in_typst |= typst_params(source, ROOT)
    assert all(key in keys or key.split(".")[0] in keys for key in in_typst)
    assert {key.split(".")[0] for key in keys - in_typst} == sections(trees)


@pytest.mark.parametrize("name", stages())
def test_a_stage_says_what_it_answers_and_is_named_as_its_module(name: str) -> None:
    stage = stages()[name]
    assert stage["desc"].startswith(("Exercise ", "Beyond the exercise: "))
    assert stage["cmd"].split(".")[-1] == name


def test_every_module_under_stages_is_a_stage() -> None:
    """Code that stages share is in lab/; programs for people are in tools/.

    Those of stages/seeds are in a pipeline of their own.
    """
    files = (file for file in (ROOT / "stages").rglob("*.py") if file.name != "__init__.py")
    modules = {".".join(file.relative_to(ROOT).with_suffix("").parts) for file in files}
    both = [*stages().values(), *stages(pipeline=SEEDS).values()]
    assert modules == {stage["cmd"].removeprefix("python -m ").split()[0] for stage in both}


def test_training_stages_have_no_output_outside_the_cache() -> None:
    """With one uncached output, a fresh clone would train again."""
    for name, stage in stages().items():
        if name.startswith("train_"):
            for entry in [
                *stage.get("outs", []),
                *stage.get("metrics", []),
                *stage.get("plots", []),
            ]:
                options = {} if isinstance(entry, str) else next(iter(entry.values()))
                assert options.get("cache", True), f"{name}: {entry}"


def test_every_output_outside_the_cache_has_a_twin_in_it() -> None:
    """DVC pushes cached outputs only: without a twin, a colleague would run the stage again."""
    for name, stage in stages().items():
        shown = [*stage.get("metrics", []), *stage.get("plots", [])]
        assert all(options == {"cache": False} for entry in shown for options in entry.values())
        twins = {out for out in stage["outs"] if out.startswith("cached/")}
        assert twins == {f"cached/{out}" for entry in shown for out in entry}, name


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
    """Everything imports them. Only that of the stages has code: it sets the numerics."""
    for package in PACKAGES:
        for file in (ROOT / package).rglob("__init__.py"):
            if file == ROOT / "stages" / "__init__.py":
                assert list(imports(ast.parse(file.read_text()), ROOT)) == ["lab/core/numerics.py"]
            else:
                assert file.read_text() == "", file


def test_every_kind_of_import_and_read_is_seen(tmp_path: Path) -> None:
    """A small repository with one of each: the checker itself must be right."""
    for name, text in {
        "stages/a.py": "import lookingglass.b\nfrom lookingglass import c\n"
        "def f():\n import stages.d\n open('data/in.npz'), open('out.csv'), open('report/r.typ'),"
        "open('explorer/a.js')",
        "lookingglass/b.py": "from lookingglass.e import thing",
        "lookingglass/c.py": "",
        "lookingglass/e.py": "from lab.core.f import thing",
        "lookingglass/unused.py": "",
        "stages/d.py": "import json; open('beside.txt')",
        "stages/__init__.py": "import lab.core.numerics",
        "lab/__init__.py": "",
        "lab/core/numerics.py": "",
        "lab/core/f.py": "open('style.txt')",
        "report/r.typ": '#import "/report/s.typ": *\n#plot(\n  "curve", alt: "")',
        "report/s.typ": '#json("/metrics/m.json")',
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True, parents=True)
        (tmp_path / name).write_text(text)
    code = {"stages/a.py", "stages/d.py", "stages/__init__.py", "lab/core"}
    code |= {f"lookingglass/{name}.py" for name in "bce"}
    reads = {
        "data/in.npz",
        "stages/beside.txt",
        "lab/core/style.txt",
        "report/r.typ",
        "explorer/a.js",
    }
    stage = {"cmd": "python -m stages.a", "outs": ["out.csv"]}
    found = needed(stage, reads | {"out.csv", "data/unused.npz"}, tmp_path)
    typst = {"report/s.typ", "plots/curve.svg", "metrics/m.json"}
    folded = {"lab/core/style.txt", "explorer/a.js"}
    assert found == code | reads - folded | typst | {"explorer"}


def test_rewriting_keeps_all_but_the_deps(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)
    (tmp_path / "stages").mkdir()
    (tmp_path / "stages" / "a.py").write_text("open('data/in.npz')")
    text = """\
stages:
  a:
    cmd: python -m stages.a
    # a comment
    deps:
{a}    outs: [out.csv]  # another
  b:
    cmd: python -m stages.a
    deps:
{b}    outs:
      - data/in.npz
"""
    stages = {
        "a": {"cmd": "python -m stages.a", "outs": ["out.csv"]},
        "b": {"cmd": "python -m stages.a", "deps": ["${c.file}"], "outs": ["data/in.npz"]},
    }
    before = text.format(a="", b="      - ${c.file}\n      - gone.py\n")
    after = text.format(
        a="      - data/in.npz\n      - stages/a.py\n",
        b="      - ${c.file}\n      - stages/a.py\n",
    )
    assert rewritten(before, stages, tmp_path) == after
    assert rewritten(after, stages, tmp_path) == after


def test_only_code_and_data_in_a_folder_that_is_one_dependency_count(copy: Checkout) -> None:
    """Otherwise files that Python or an editor leaves there would make every stage stale."""
    names = sorted(
        name for name in in_git(ROOT) if name.startswith(("lab/", "explorer/lib/", "explorer/ui/"))
    )
    assert names
    left = ["lab/core/__pycache__/params.cpython-311.pyc", "lab/core/params.py~", "lab/data/x.csv"]
    done = copy.run("dvc", "check-ignore", *names, *left, check=False)
    assert sorted(done.stdout.split()) == sorted(left)
