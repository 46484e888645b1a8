"""The documented commands that take minutes or need a network: `make test-long` runs them.

They run in fresh clones of what is committed; those that install have an environment of their own.
"""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import Checkout
from tests.test_commands import LOOKED_UP, apart, kit, store, sweep, sweeps_table, two_hosts

# one after another, in one shell
WITH_MAKE = ["make", "make test"]
BY_HAND = [
    "python3 -m venv .venv",
    ". .venv/bin/activate",
    'python -m pip install -c constraints.txt -e ".[test]"',
    "pytest",
    "python -m pip install uv",
    "uv pip compile --universal --python-version 3.11 --fork-strategy fewest --all-extras "
    "--no-annotate --no-header --upgrade pyproject.toml -o constraints.txt",
    'python -m pip install -c constraints.txt -e ".[benchmark]"',
    'python -m pip install -c constraints.txt -e ".[ssh]"',
    'python -m pip install -c constraints.txt -e ".[s3]"',
    'python -m pip install -c constraints.txt -e ".[ray]"',
]

# each group runs in a clone, in this order: the command, and what it must print
IN_THIS_ENVIRONMENT = [
    {"python example_diffusion.py --train": "trained"},
    {"python example_gpt.py --train": "trained"},
    {"python -m benchmarks.diffusion": "## Diffusion"},
    {"python -m benchmarks.explorer": "## The explorer"},
    {"python -m benchmarks.gpt": "## GPT"},
    {"python -m benchmarks.gpt2_small": "## GPT-2 small"},
    {"python -m benchmarks.memory": "## Memory on long texts"},
    {"python -m benchmarks.pipeline": "## The pipeline"},
    {"python -m benchmarks.scale": "## "},
    {"python -m benchmarks.sweep": "## "},
    {
        "dvc exp run -S tokens.vocabulary=full invert": "Ran experiment",
        "dvc exp run -S invert_tokens.width=1 -S invert_tokens.steps=10 "
        "invert_tokens": "Running stage 'invert_tokens'",
        "dvc exp run -S tokens.vocabulary=full -S invert_tokens.width=1 -S invert_tokens.steps=10 "
        "invert_tokens": "Ran experiment",
    },
    {
        "dvc exp run -S tokens.vocabulary=full -S train_gpt.steps=120 "
        "-S train_gpt.warmup=20 -S train_gpt.threads=1 invert evaluate_gpt": "Ran experiment",
    },
]


def shell(clone: Checkout, commands: list[str]) -> str:
    """Run them as a user would, outside this environment; pytest runs only a few of its tests."""
    here = str(Path(sys.executable).parent)
    variables = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTEST", "VIRTUAL_ENV", "MAKE", "MFLAGS"))
    }
    variables["PATH"] = os.pathsep.join(
        place for place in variables["PATH"].split(os.pathsep) if place != here
    )
    variables["PYTEST_ADDOPTS"] = "tests/test_progress.py"
    done = subprocess.run(
        ["bash", "-e"],
        input="\n".join(commands),
        cwd=clone.path,
        env=variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


@pytest.mark.long
def test_with_make(clone: Checkout) -> None:
    output = shell(clone, WITH_MAKE)
    assert "report/report.pdf" in output
    assert " passed" in output


@pytest.mark.long
def test_by_hand(clone: Checkout) -> None:
    output = shell(clone, BY_HAND)
    assert " passed" in output
    assert "torch==2.13.0" in (clone.path / "constraints.txt").read_text().splitlines()


@pytest.mark.long
@pytest.mark.parametrize(
    "commands", IN_THIS_ENVIRONMENT, ids=lambda commands: "; ".join(commands).replace(" -S ", " ")
)
def test_in_this_environment(clone: Checkout, commands: dict[str, str]) -> None:
    clone.repro("train_gpt")  # makes data/tokens.npz, which a benchmark reads
    for command, says in commands.items():
        assert says in clone.run(*shlex.split(command)).stdout


def test_none_is_left_out() -> None:
    here = [command for commands in IN_THIS_ENVIRONMENT for command in commands]
    # these need servers and clusters, which `make test-scale` starts, or are the course's
    tested = (store, sweep, sweeps_table, two_hosts, kit, apart)
    elsewhere = {name for name, check in LOOKED_UP.items() if check in tested}
    assert set(LOOKED_UP) == {*WITH_MAKE, *BY_HAND, *here, *elsewhere}
