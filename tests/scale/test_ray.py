"""A sweep on Ray with two network namespaces as its hosts, one of which dies in the middle."""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from tests.conftest import Checkout, environment
from tests.scale.conftest import FOLDER, SWEEP, results, resumed, start, training, wait_for
from tools.sweep.grid import Point

pytest.importorskip("ray", reason="needs the extra 'ray'")

pytestmark = pytest.mark.scale

HEAD, WORKER, PORT = "10.231.7.1", "10.231.7.2", "6379"
# a lost host is noticed after seconds; workers are not nice, as they are by default
IMPATIENT = {
    "RAY_health_check_period_ms": "1000",
    "RAY_health_check_timeout_ms": "1000",
    "RAY_health_check_failure_threshold": "3",
    "RAY_health_check_initial_delay_ms": "0",
    "RAY_worker_niceness": "0",
    "RAY_USAGE_STATS_ENABLED": "0",
}


@dataclass(frozen=True)
class Host:
    """A network namespace, with a /tmp/ray and a folder for temporary files of its own."""

    name: str
    address: str
    folder: Path

    def within(self, *command: str) -> list[str]:
        """The command that runs a command on this host."""
        mount = f'mount --bind {self.folder}/ray /tmp/ray && exec "$@"'
        enter = ["ip", "netns", "exec", self.name, "unshare", "--mount", "sh", "-c", mount, "sh"]
        # with a token in the home folder, Ray would ask for it on one host and not on the other
        settings = [f"TMPDIR={self.folder}/tmp", "RAY_TMPDIR=/tmp", "RAY_AUTH_MODE=disabled"]
        return [*enter, "env", *settings, *command]

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


@dataclass(frozen=True)
class Cluster:
    head: Host
    worker: Host


@pytest.fixture
def ray(tmp_path: Path) -> Iterator[Cluster]:
    """Start Ray on two hosts with one core each."""
    hosts = [
        Host(f"glass-{os.getpid()}-{number}", address, tmp_path / f"host{number}")
        for number, address in enumerate((HEAD, WORKER))
    ]
    if not shutil.which("ip") or not shutil.which("unshare"):
        pytest.skip("needs the commands ip (iproute2) and unshare (util-linux)")
    for host in hosts:
        (host.folder / "ray").mkdir(parents=True)
        (host.folder / "tmp").mkdir()
        made = subprocess.run(["ip", "netns", "add", host.name], capture_output=True, text=True)
        if made.returncode:
            pytest.skip(f"may not make network namespaces: {made.stderr.strip()}")
    Path("/tmp/ray").mkdir(exist_ok=True)
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
        common = ["--num-cpus=1", "--disable-usage-stats"]
        for host, role in (
            (first, ["--head", f"--port={PORT}", "--include-dashboard=false"]),
            (second, [f"--address={HEAD}:{PORT}"]),
        ):
            command = ["ray", "start", *role, f"--node-ip-address={host.address}", *common]
            done = subprocess.run(
                host.within(*command),
                env=environment() | IMPATIENT,
                cwd=host.folder,  # not the checkout
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
            )
            assert done.returncode == 0, done.stdout + done.stderr
        yield Cluster(first, second)
    finally:
        for host in hosts:
            host.end()
            subprocess.run(["ip", "netns", "delete", host.name], check=False)


def in_clone(host: Host, name: str) -> bool:
    """Whether a process of this host works in the clone of a point."""
    for process in host.processes():
        try:
            if Path(process.cwd()).name == name:
                return True
        except psutil.Error:  # it has just ended
            continue
    return False


def test_a_host_dies(checkout: Checkout, ray: Cluster, undisturbed: dict[str, str]) -> None:
    """The other one resumes from the checkpoint of the dead one; all points are as undisturbed."""
    folder = checkout.path / FOLDER
    command = ray.head.within(*SWEEP, "--on", "ray", "--address", f"{HEAD}:{PORT}")
    with subprocess.Popen(
        command,
        cwd=checkout.path,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as sweep:

        def on_worker() -> list[str]:
            return [name for name in training(folder) if in_clone(ray.worker, name)]

        wait_for(lambda: bool(on_worker()), sweep)
        (point,) = on_worker()
        ray.worker.die()
        wait_for(lambda: resumed(folder, point), sweep)
        said = sweep.communicate()[0]
    assert sweep.returncode == 0, said
    assert "all points are there" in said
    assert results(checkout) == undisturbed
    assert not list(folder.glob("*/")), "clones are left behind"


def test_hosts_that_do_not_see_the_checkout_need_a_remote(
    checkout: Checkout, ray: Cluster, tmp_path: Path, undisturbed: dict[str, str]
) -> None:
    """Without one, that is one line; with one, they clone from its origin."""
    hidden = ray.worker.folder / "nothing"
    hidden.mkdir()
    # a raylet that sees nothing of the checkout
    (raylet,) = (p for p in ray.worker.processes() if p.name() == "raylet")
    enter = ["nsenter", f"--mount=/proc/{raylet.pid}/ns/mnt"]
    subprocess.run([*enter, "mount", "--bind", str(hidden), str(checkout.path)], check=True)

    arguments = (*SWEEP, "--on", "ray", "--address", f"{HEAD}:{PORT}")
    command = ray.head.within(*arguments)
    done = checkout.run(*command, check=False)
    assert done.returncode == 2
    assert "'dvc remote add -d NAME URL' adds one" in done.stderr
    assert len(done.stderr.splitlines()) == 1

    origin, store = tmp_path / "origin.git", tmp_path / "store"
    checkout.run("git", "clone", "--quiet", "--bare", ".", str(origin))
    checkout.run("git", "remote", "add", "origin", str(origin))
    checkout.run("dvc", "remote", "add", "--local", "-d", "store", str(store))
    done = checkout.run(*command, check=False)
    assert done.returncode == 2
    assert "push it" in done.stderr
    checkout.run("git", "fetch", "--quiet", "origin")
    checkout.run("dvc", "push", "--run-cache")
    said = checkout.run(*command).stdout
    assert "all points are there" in said
    assert results(checkout) == undisturbed
    for host in (ray.head, ray.worker):
        assert list(host.folder.glob("tmp/lookingglass-*/*.lock")), f"{host.name} did nothing"


def test_ctrl_c_on_this_machine(checkout: Checkout) -> None:
    """Without an address, Ray starts here; what it started ends, and nothing is left running."""
    folder = checkout.path / FOLDER
    with start(checkout, "--on", "ray", "--jobs", "1") as sweep:
        wait_for(lambda: bool(training(folder)), sweep)
        sweep.send_signal(signal.SIGINT)
        said = sweep.communicate()[0]
    assert sweep.returncode == 130
    assert said.splitlines()[-1] == "interrupted"
    assert "Traceback" not in said
    at_work = [
        process.info["cmdline"]
        for process in psutil.process_iter(["cwd", "cmdline"])
        if (process.info["cwd"] or "").startswith(str(folder))
    ]
    assert not at_work


def test_what_failed(checkout: Checkout) -> None:
    """Of a stage that fails, its last line; of a host that cannot start a worker, its error."""
    module = checkout.path / "stages" / "diffusion" / "points.py"
    module.write_text(
        module.read_text().replace("    run(main)", "    raise SystemExit('no luck')")
    )
    checkout.commit("A stage that fails")
    second = Point((("points.seed", 1),), "points").name
    (checkout.path / FOLDER / f"{second}.json").mkdir(parents=True)  # in the way of its file
    sweep = (*SWEEP[:3], "points.seed=0,1", "--target", "points", "--on", "ray")
    said = checkout.run(*sweep, check=False).stderr
    assert "points.seed=0: no luck (on " in said
    assert f"points.seed=1: lookingglass.errors.InputError: {checkout.path / FOLDER}" in said
    assert "2 of 2 points failed" in said


def test_no_cluster_there_is_one_line(checkout: Checkout) -> None:
    done = checkout.run(*SWEEP, "--on", "ray", "--address", "127.0.0.1:1", check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("--address 127.0.0.1:1: ")
    assert len(done.stderr.splitlines()) == 1
