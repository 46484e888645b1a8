"""One training on two hosts: two network namespaces that share no folder, one of which dies."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import Checkout, environment
from tests.scale.conftest import wait_for
from tests.scale.hosts import ADDRESSES, Host, two_hosts

pytestmark = pytest.mark.scale

CHECKPOINT = Path(".checkpoints", "train_gpt.safetensors")
MADE = ("models/gpt.safetensors", "plots/train_gpt.csv")


@pytest.fixture
def hosts(tmp_path: Path) -> Iterator[tuple[Host, Host]]:
    with two_hosts(tmp_path) as both:
        yield both


@pytest.fixture
def checkouts(hosts: tuple[Host, Host], small: Checkout) -> tuple[Checkout, Checkout]:
    """The same small pipeline on each host, for two processes, up to the training."""
    for key, value in {"processes": 2, "steps": 100, "evaluate_every": 20}.items():
        small.set(f"train_gpt.{key}", value)
    small.make("stages.gpt.corpus", "stages.gpt.tokens")
    for host in hosts:
        small.run("cp", "--recursive", ".", str(host.folder / "checkout"))
    first, second = (Checkout(host.folder / "checkout") for host in hosts)
    return first, second


def start(rank: int, host: Host, checkout: Checkout) -> subprocess.Popen[str]:
    """One process of the training on this host, as docs/scale.md starts it."""
    options = ["--nnodes=2", f"--node-rank={rank}", "--nproc-per-node=1"]
    options += [f"--master-addr={ADDRESSES[0]}", "--master-port=29400"]
    torchrun = [sys.executable, "-m", "torch.distributed.run", *options]
    return subprocess.Popen(
        host.within(*torchrun, "-m", "stages.gpt.train_gpt"),
        cwd=checkout.path,
        env=environment() | {"GLOO_SOCKET_IFNAME": "eth0", "OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def start_both(
    hosts: tuple[Host, Host], checkouts: tuple[Checkout, Checkout]
) -> list[subprocess.Popen[str]]:
    return [start(rank, hosts[rank], checkouts[rank]) for rank in (0, 1)]


def made(checkout: Checkout) -> list[bytes]:
    """What the training has written, which is deleted."""
    found = [(checkout.path / name).read_bytes() for name in MADE]
    for name in MADE:
        (checkout.path / name).unlink()
    return found


def together(hosts: tuple[Host, Host], checkouts: tuple[Checkout, Checkout]) -> str:
    """Run the training to its end on both; gives what the first says."""
    running = start_both(hosts, checkouts)
    said = [process.communicate(timeout=300)[0] for process in running]
    assert [process.returncode for process in running] == [0, 0], "\n".join(said)
    assert not any((checkouts[1].path / name).exists() for name in (*MADE, CHECKPOINT))
    return said[0]


def test_a_host_dies(hosts: tuple[Host, Host], checkouts: tuple[Checkout, Checkout]) -> None:
    """The other one says so and ends; started again, both go on to the bytes of one machine."""
    first, _ = checkouts
    first.make("stages.gpt.train_gpt")  # two processes on one machine
    on_one_machine = made(first)

    running = start_both(hosts, checkouts)
    wait_for((first.path / CHECKPOINT).exists, running[0])
    hosts[1].end()
    said = running[0].communicate(timeout=300)[0]
    running[1].communicate()
    assert running[0].returncode == 1
    assert "process 0 lost another: " in said

    assert "resuming after step" in together(hosts, checkouts)
    assert made(first) == on_one_machine


def test_hosts_that_differ(hosts: tuple[Host, Host], checkouts: tuple[Checkout, Checkout]) -> None:
    checkouts[1].set("train_gpt.seed", 1)
    running = start_both(hosts, checkouts)
    for process in running:
        said = process.communicate(timeout=300)[0]
        assert process.returncode == 1
        assert "train_gpt: the processes do not have the same parameters, inputs and code" in said
