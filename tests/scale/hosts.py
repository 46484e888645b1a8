"""Two network namespaces: two hosts, as far as the network is concerned."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

ADDRESSES = ("10.231.7.1", "10.231.7.2")


@dataclass(frozen=True)
class Host:
    """A network namespace, and a folder of its own."""

    name: str
    address: str
    folder: Path

    def within(self, *command: str) -> list[str]:
        """The command that runs a command on this host."""
        return ["ip", "netns", "exec", self.name, *command]

    def processes(self) -> list[psutil.Process]:
        listed = subprocess.run(["ip", "netns", "pids", self.name], capture_output=True, text=True)
        return [psutil.Process(int(number)) for number in listed.stdout.split()]

    def die(self) -> None:
        """The network goes first, so that nobody hears of the end of the rest."""
        subprocess.run(["ip", "-n", self.name, "link", "set", "eth0", "down"], check=True)
        self.end()

    def end(self) -> None:
        for process in self.processes():
            process.kill()


@contextmanager
def two_hosts(folder: Path) -> Iterator[tuple[Host, Host]]:
    """Two hosts with a cable between them; skips where there cannot be any."""
    hosts = [
        Host(f"glass-{os.getpid()}-{number}", address, folder / f"host{number}")
        for number, address in enumerate(ADDRESSES)
    ]
    if not shutil.which("ip"):
        pytest.skip("needs the command ip (iproute2)")
    for host in hosts:
        host.folder.mkdir()
        made = subprocess.run(["ip", "netns", "add", host.name], capture_output=True, text=True)
        if made.returncode:
            pytest.skip(f"may not make network namespaces: {made.stderr.strip()}")
    first, second = hosts
    try:
        ends = ["eth0", "netns", first.name, "type", "veth", "peer", "name", "eth0", "netns"]
        subprocess.run(["ip", "link", "add", *ends, second.name], check=True)
        for host in hosts:
            for words in (
                ["addr", "add", f"{host.address}/24", "dev", "eth0"],
                ["link", "set", "lo", "up"],
                ["link", "set", "eth0", "up"],
            ):
                subprocess.run(["ip", "-n", host.name, *words], check=True)
        yield first, second
    finally:
        for host in hosts:
            host.end()
            subprocess.run(["ip", "netns", "delete", host.name], check=False)
