"""The audit names every fault that is planted in a stage.

(test_pipeline.py tests that it finds none in the real pipeline, since it has one that was run.)
"""

from collections.abc import Callable

import pytest

from tests.conftest import Checkout
from tools.ship import machine

pytestmark = pytest.mark.pipeline

PIPELINE = """\
stages:
  NAME:
    cmd: python -m stages.NAME
    deps:
      - LICENSE
      - lab/core
      - lookingglass/errors.py
      - stages/NAME.py
    params:
      - style.dpi
    outs:
      - data/planted.txt
"""

CODE = """\
import time
from pathlib import Path
from lab.core.artifacts import write_bytes
from lab.core.params import read
from lab.core.entry import run

def main():
    text = Path("LICENSE").read_text() + str(read()["style"]["dpi"])
    PLANT
    write_bytes("data/planted.txt", text.encode())

if __name__ == "__main__":
    run(main)
"""

Plant = Callable[..., str]


def audit(checkout: Checkout) -> str:
    """What the audit says is wrong; empty if nothing is."""
    done = checkout.run("python", "-m", "tools.audit", check=False)
    assert done.returncode == (2 if done.stderr else 0)
    assert bool(done.stderr) != ("all good" in done.stdout)
    return done.stderr


@pytest.fixture
def plant(copy: Checkout) -> Plant:
    """Plant a line in a pipeline of one stage, run it with DVC, which accepts it, and audit it."""

    def planted(line: str = "", pipeline: str = PIPELINE, name: str = "planted") -> str:
        (copy.path / "stages" / f"{name}.py").write_text(CODE.replace("PLANT", line))
        (copy.path / "dvc.yaml").write_text(pipeline.replace("NAME", name))
        (copy.path / "dvc.lock").unlink()
        copy.repro()
        return audit(copy)

    return planted


def test_a_stage_without_a_fault(plant: Plant) -> None:
    assert plant() == ""


def test_an_undeclared_read(plant: Plant) -> None:
    problem = plant('text += Path("README.md").read_text()')
    assert problem.startswith("planted: reads README.md, which is not among its deps\n")
    assert "exit code 2: README.md: No such file or directory" in problem


@pytest.mark.long
def test_an_undeclared_read_that_may_fail(plant: Plant, copy: Checkout) -> None:
    """A missing file is never opened, so only the output gives it away."""
    problem = plant('text += Path("README.md").read_text() if Path("README.md").exists() else ""')
    assert problem == "planted: gives data/planted.txt other bytes than dvc.lock has\n"


@pytest.mark.long
def test_an_undeclared_read_by_an_absolute_path(plant: Plant, copy: Checkout) -> None:
    problem = plant(f"text += Path({str(copy.path / 'params.yaml')!r}).read_text()")
    assert problem == "planted: reads params.yaml, which is not among its deps\n"


def test_an_undeclared_import(plant: Plant) -> None:
    """An editable install of the project must not supply the module."""
    problem = plant(pipeline=PIPELINE.replace("      - lookingglass/errors.py\n", ""))
    assert problem.endswith("No module named 'lookingglass'\n")


@pytest.mark.parametrize("key", ["style.width", "schedule.rate"])
def test_an_undeclared_parameter(plant: Plant, key: str) -> None:
    section, name = key.split(".")
    problem = plant(f'text += str(read()["{section}"]["{name}"])')
    assert (
        problem == f"planted: exit code 1: KeyError: '{name if section == 'style' else section}'\n"
    )


@pytest.mark.parametrize("name", ["data/more.txt", ".checkpoints/more.txt"])
def test_an_undeclared_output(plant: Plant, name: str) -> None:
    """Only training stages may leave checkpoints."""
    problem = plant(f'write_bytes("{name}", b"")')
    assert problem == f"planted: writes {name}, which is not among its outputs\n"


def test_a_changed_input(plant: Plant) -> None:
    problem = plant('Path("LICENSE").write_text(text)')
    assert problem.startswith("planted: changes LICENSE, which is among its deps\n")


def test_an_output_that_depends_on_what_is_not_declared(plant: Plant) -> None:
    problem = plant(
        'if Path("README.md").exists(): write_bytes("data/more.txt", b"")',
        PIPELINE + "      - data/more.txt\n",
    )
    assert problem == "planted: does not write data/more.txt\n"


def test_a_clock_in_an_artifact(plant: Plant, copy: Checkout) -> None:
    """Noticed on every kind of machine, except in the artifacts of a training."""
    (copy.path / ".dvc" / "shipped-on").write_text("another")
    problem = plant("text += str(time.time_ns())")
    assert problem == "planted: gives data/planted.txt other bytes than dvc.lock has\n"


@pytest.mark.long
def test_training_gives_other_bytes_on_another_kind_of_machine(
    plant: Plant, copy: Checkout
) -> None:
    kind = copy.path / ".dvc" / "shipped-on"
    kind.write_text("another")
    assert plant("text += str(time.time_ns())", name="train_planted") == ""
    kind.write_text(machine())
    assert audit(copy).startswith("train_planted: gives data/planted.txt other bytes")


def test_a_stale_stage_is_not_audited(plant: Plant, copy: Checkout) -> None:
    plant()
    (copy.path / "LICENSE").write_text("changed")
    assert audit(copy) == "planted: not as dvc.lock says; run 'dvc repro' first\n"
    done = copy.run("python", "-m", "tools.audit", "plantde", check=False)
    assert (done.returncode, done.stderr) == (2, "plantde: no such stage; there are planted\n")
