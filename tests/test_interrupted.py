"""Ctrl-C as a terminal sends it: SIGINT to the whole process group, at several moments."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import ROOT, Checkout, environment

pytestmark = pytest.mark.skipif(os.name == "nt", reason="needs process groups")

# stands in for torch: its import takes long enough to be interrupted
SLOW = "import time\nprint('importing', flush=True)\ntime.sleep(100)\n"


def interrupted(
    checkout: Checkout, command: list[str], ready: Callable[[str], bool], **variables: str
) -> tuple[int, str]:
    """Interrupt a command once it is ready, which is checked after each line that it prints.

    Gives its exit code and all its output.
    """
    with subprocess.Popen(
        command,
        cwd=checkout.path,
        env=environment() | variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stdout
        lines = []
        for line in process.stdout:
            lines.append(line)
            if ready(line):
                break
        os.killpg(process.pid, signal.SIGINT)
        rest, _ = process.communicate()
    return process.returncode, "".join(lines) + rest


def test_output_that_nobody_reads_on() -> None:
    """`python example_gpt.py | head -1` prints that line and no error."""
    for words, lines in (("60", 1), ("5", 0)):
        with subprocess.Popen(
            [sys.executable, "example_gpt.py", "--words", words],
            cwd=ROOT,
            env=environment() | {"PYTHONUNBUFFERED": "1" if lines else ""},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stdout
            assert process.stderr
            for _ in range(lines):
                assert process.stdout.readline().startswith("loaded")
            process.stdout.close()
            assert process.stderr.read() == ""
        assert process.returncode == 141


@pytest.fixture
def slow_torch(tmp_path: Path) -> dict[str, str]:
    folder = tmp_path / "slow"
    folder.mkdir()
    (folder / "torch.py").write_text(SLOW)
    return {"PYTHONPATH": str(folder)}


@pytest.mark.parametrize(
    "module", ["stages.diffusion.points", "stages.gpt.train_gpt", "tools.check"]
)
def test_while_a_stage_imports(copy: Checkout, slow_torch: dict[str, str], module: str) -> None:
    command = [sys.executable, "-m", module]
    code, output = interrupted(copy, command, "importing\n".__eq__, **slow_torch)
    assert (code, output) == (130, "importing\ninterrupted\n")


@pytest.mark.pipeline
def test_while_dvc_runs_a_stage_that_imports(small: Checkout, slow_torch: dict[str, str]) -> None:
    command = ["dvc", "repro", "points"]
    code, output = interrupted(small, command, "importing\n".__eq__, **slow_torch)
    assert code != 0
    assert output.count("interrupted\n") == 1
    assert "Traceback" not in output
    assert small.repro("points") == ["points"]


@pytest.mark.long
@pytest.mark.pipeline
def test_while_dvc_runs_a_training(small: Checkout) -> None:
    """The training then resumes where it stopped."""
    small.set("train_gpt.steps", 100)
    small.repro("tokens")
    checkpoint = small.path / ".checkpoints" / "train_gpt.safetensors"

    def trains(line: str) -> bool:
        if line.startswith("> python -m stages.gpt.train_gpt"):
            while not checkpoint.exists():
                pass
        return checkpoint.exists()

    code, output = interrupted(small, ["dvc", "repro", "train_gpt"], trains)
    assert code != 0
    assert output.count("interrupted\n") == 1
    assert "Traceback" not in output
    assert "resuming after step" in small.run("dvc", "repro", "train_gpt").stdout


@pytest.mark.pipeline
def test_a_process_that_ignores_it_keeps_ignoring_it(small: Checkout) -> None:
    """As under nohup."""
    code = "import signal, os; signal.signal(signal.SIGINT, signal.SIG_IGN); os.execvp('sh', "
    code += "['sh', '-c', 'kill -INT $$; exec python -m stages.diffusion.points'])"
    assert "points in the square" in small.run("python", "-c", code).stdout
