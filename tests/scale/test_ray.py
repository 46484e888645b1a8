"""A sweep on Ray with two network namespaces as its hosts, one of which dies in the middle."""

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
from tests.scale.hosts import ADDRESSES, Host, two_hosts
from tools.sweep.grid import Point

pytest.importorskip("ray", reason="needs the extra 'ray'")

pytestmark = pytest.mark.scale

HEAD, PORT = ADDRESSES[0], "6379"
# a lost host is noticed after seconds; workers are not nice, as they are by default
IMPATIENT = {
    "RAY_health_check_period_ms": "1000",
    "RAY_health_check_timeout_ms": "1000",
    "RAY_health_check_failure_threshold": "3",
    "RAY_health_check_initial_delay_ms": "0",
    "RAY_worker_niceness": "0",
    "RAY_USAGE_STATS_ENABLED": "0",
}


def on(host: Host, *command: str) -> list[str]:
    """The command that runs a command on a host, with a /tmp/ray of its own."""
    mount = f'mount --bind {host.folder}/ray /tmp/ray && exec "$@"'
    # with a token in the home folder, Ray would ask for it on one host and not on the other
    settings = [f"TMPDIR={host.folder}/tmp", "RAY_TMPDIR=/tmp", "RAY_AUTH_MODE=disabled"]
    enter = ["unshare", "--mount", "sh", "-c", mount, "sh", "env", *settings]
    return host.within(*enter, *command)


@dataclass(frozen=True)
class Cluster:
    head: Host
    worker: Host


@pytest.fixture
def ray(tmp_path: Path) -> Iterator[Cluster]:
    """Start Ray on two hosts with one core each."""
    if not shutil.which("unshare"):
        pytest.skip("needs the command unshare (util-linux)")
    Path("/tmp/ray").mkdir(exist_ok=True)
    common = ["--num-cpus=1", "--disable-usage-stats"]
    with two_hosts(tmp_path) as (first, second):
        for host, role in (
            (first, ["--head", f"--port={PORT}", "--include-dashboard=false"]),
            (second, [f"--address={HEAD}:{PORT}"]),
        ):
            (host.folder / "ray").mkdir()
            (host.folder / "tmp").mkdir()
            command = ["ray", "start", *role, f"--node-ip-address={host.address}", *common]
            done = subprocess.run(
                on(host, *command),
                env=environment() | IMPATIENT,
                cwd=host.folder,  # not the checkout
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
            )
            assert done.returncode == 0, done.stdout + done.stderr
        yield Cluster(first, second)


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
    command = on(ray.head, *SWEEP, "--on", "ray", "--address", f"{HEAD}:{PORT}")
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
    command = on(ray.head, *arguments)
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
