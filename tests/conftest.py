"""Copies of the repository to run the pipeline in, and a way to run commands there."""

import lab.core.numerics  # noqa: F401  # isort: skip

import json
import os
import runpy
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import torch
from filelock import FileLock

from lab.core.params import read
from lab.core.yaml12 import dump, read_yaml
from lab.training.device import VARIABLE, pick_device

ROOT = Path(__file__).parent.parent

# the metrics of one run: they choose the sentences of the report and of the models' pages
NUMBERS = json.loads((ROOT / "tests" / "numbers.json").read_text(encoding="utf-8"))

torch.set_num_threads(1)  # the tests' tensors are small, and CI's cores are few


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the longest tests first, so that no worker ends up on them while the others wait."""
    items.sort(key=lambda item: not item.get_closest_marker("pipeline"))


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are cores: tests wait for browsers and processes a fifth of the time."""
    return (os.cpu_count() or 1) + 1


def environment() -> dict[str, str]:
    """This process's environment, with the virtual environment's programs first in PATH."""
    scripts = str(Path(sys.executable).parent)
    return {**os.environ, "PATH": scripts + os.pathsep + os.environ["PATH"]}


@dataclass(frozen=True)
class Checkout:
    """A copy of the repository."""

    path: Path

    def run(
        self, *command: str, check: bool = True, **variables: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a command there, with the `python` and `dvc` of the virtual environment."""
        done = subprocess.run(
            command,
            cwd=self.path,
            env=environment() | variables,
            capture_output=True,
            encoding="utf-8",
        )
        if check and done.returncode:
            pytest.fail(f"{' '.join(command)}: exit {done.returncode}\n{done.stdout}{done.stderr}")
        return done

    def repro(self, *arguments: str, **variables: str) -> list[str]:
        """Run `dvc repro`; gives the names of the stages that it ran."""
        output = self.run("dvc", "repro", *arguments, **variables).stdout
        start = "Running stage '"
        return [
            line.removeprefix(start).rstrip("':")
            for line in output.splitlines()
            if line.startswith(start)
        ]

    def commit(self, message: str) -> None:
        """Commit everything to git."""
        identity = ("-c", "user.name=test", "-c", "user.email=test@localhost")
        self.run("git", "add", "--all")
        self.run("git", *identity, "commit", "--quiet", "--message", message)

    def make(self, *modules: str, **variables: str) -> None:
        """Run these stages without DVC and all in one process, which is much faster."""
        code = (
            "import runpy, sys\nfor name in sys.argv[1:]: runpy.run_module(name, None, '__main__')"
        )
        self.run("python", "-c", code, *modules, **variables)

    def run_each(self, script: str, *many: tuple[str, ...]) -> list[str]:
        """Run a script once per tuple of arguments, in one process; gives the output of each."""
        code = (
            "import json, runpy, sys\n"
            "_, script, many = sys.argv\n"
            "for arguments in json.loads(many):\n"
            "    sys.argv = [script, *arguments]\n"
            "    print(end='\\x1e')\n"
            "    runpy.run_path(script, run_name='__main__')\n"
        )
        return self.run("python", "-c", code, script, json.dumps(many)).stdout.split("\x1e")[1:]

    def remake(self, *modules: str) -> None:
        """Delete all that the pipeline wrote and run these stages again.

        They share a process, so state that one stage leaves behind (a generator, a thread count)
        shows if it affects another.
        """
        for name in self.artifacts():
            (self.path / name).unlink()
        self.make(*modules)

    def set(self, key: str, value: Any) -> None:
        """Change one dotted key of params.yaml."""
        path = self.path / "params.yaml"
        params = read(path)
        section, name = key.split(".")
        params[section][name] = value
        path.write_text(dump(params), encoding="utf-8")

    def artifacts(self) -> dict[str, bytes]:
        """The bytes of everything that the pipeline wrote."""
        return {
            str(file.relative_to(self.path)): file.read_bytes()
            for folder in ("data", "models", "metrics", "plots", "cached", "report")
            for file in sorted((self.path / folder).rglob("*"))
            if file.is_file()
            and file.suffix not in (".typ", ".bib", ".j2")
            and file.name != ".gitignore"
        }


def git(*arguments: str) -> str:
    return subprocess.run(
        ["git", *arguments], cwd=ROOT, check=True, capture_output=True, encoding="utf-8"
    ).stdout


def files_in_git() -> set[str]:
    """The files that git tracks, and the new ones that it does not ignore."""
    names = git("ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0")
    return {name for name in names if name}


@pytest.fixture
def gpu(monkeypatch: pytest.MonkeyPatch) -> Iterator[torch.device]:
    """The GPU that LOOKINGGLASS_DEVICE=cuda picks; without one, the test is skipped."""
    if not torch.cuda.is_available():
        pytest.skip("needs a GPU")
    monkeypatch.setenv(VARIABLE, "cuda")
    yield pick_device()
    torch.use_deterministic_algorithms(False)


@pytest.fixture(scope="session")
def downloads() -> Path:
    """The book and GPT-2's byte pair encoding, downloaded once."""
    with FileLock(ROOT / ".pytest_cache" / "downloads.lock"):  # tests may run side by side
        load = "from lab.data.corpus import *; load_book('lab/data/alice.toml'); load_bpe()"
        Checkout(ROOT).run(sys.executable, "-c", load)
    return ROOT / ".downloads"


def copy_to(path: Path, downloads: Path) -> Checkout:
    """The working tree as it is, uncommitted changes included, in a git repository of its own."""
    for name in files_in_git():
        if (ROOT / name).is_file():
            (path / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, path / name)
    shutil.copytree(downloads, path / ".downloads")
    checkout = Checkout(path)
    checkout.run("git", "init", "--quiet")
    return checkout


def shrink(checkout: Checkout) -> Checkout:
    """Set parameters that train in seconds, and delete everything that was made."""
    path = checkout.path / "params.yaml"
    params = read(path)
    for section, values in read_yaml(ROOT / "tests" / "small.yaml").items():
        params[section] |= values
    path.write_text(dump(params), encoding="utf-8")
    (checkout.path / "dvc.lock").unlink()
    (checkout.path / "seeds" / "dvc.lock").unlink(missing_ok=True)  # there after `make seeds`
    shutil.rmtree(checkout.path / ".dvc" / "cache")
    for folder in ("metrics", "plots"):
        shutil.rmtree(checkout.path / folder)
    return checkout


@pytest.fixture
def copy(tmp_path: Path, downloads: Path) -> Checkout:
    return copy_to(tmp_path / "copy", downloads)


@pytest.fixture
def small(copy: Checkout) -> Checkout:
    return shrink(copy)


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory, downloads: Path) -> Path:
    """The small pipeline after a full run, committed to git and to DVC."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent  # shared by this run's workers: one of them makes it for all
    path = shared / "made"
    with FileLock(f"{path}.lock"):
        if not Path(f"{path}.done").exists():
            checkout = shrink(copy_to(path, downloads))
            pipeline = read_yaml(path / "dvc.yaml")["stages"].values()
            checkout.remake(*(stage["cmd"].removeprefix("python -m ") for stage in pipeline))
            checkout.run("dvc", "commit", "--force", "dvc.yaml")
            checkout.commit("Made")
            Path(f"{path}.done").touch()
    return path


@pytest.fixture
def made(tmp_path: Path, made_once: Path) -> Checkout:
    """A copy of the small pipeline with all its artifacts, up to date."""
    return Checkout(Path(shutil.copytree(made_once, tmp_path / "made")))


@pytest.fixture
def clone(tmp_path: Path, downloads: Path) -> Checkout:
    """A fresh clone of what is committed."""
    path = tmp_path / "clone"
    git("clone", "--quiet", "--no-local", str(ROOT), str(path))
    shutil.copytree(downloads, path / ".downloads")
    return Checkout(path)


@pytest.fixture
def refusal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., str]:
    """A function that runs a script with arguments it must refuse, and gives its message."""

    def run(script: str, *arguments: str) -> str:
        monkeypatch.setattr(sys, "argv", [script, *arguments])
        with pytest.raises(SystemExit, match="2"):
            runpy.run_path(str(ROOT / script), run_name="__main__")
        said = capsys.readouterr()
        assert said.out == ""
        return said.err

    return run
