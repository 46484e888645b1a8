"""Run the jobs of a sweep as tasks of Ray: on a cluster, or on a Ray that starts here.

If a host dies, Ray starts its tasks again on another one. Where the hosts see this checkout's file
system, they work in its folder, so that a task resumes from its checkpoint on any host. Where they
do not, they clone from the checkout's origin into their own temporary folders, and get and leave
results in the DVC remote.
"""

import getpass
import os
import socket
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import lab
import lookingglass
import stages
import tools
from lookingglass.errors import InputError
from tools.sweep import local
from tools.sweep.checkout import FOLDER, git
from tools.sweep.worker import Job, interruptible, write_jobs

# Ray reads these when it is imported. Without the second and third, it notices only after seven
# minutes that a host went off the network in the middle of a task.
SETTINGS = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_grpc_client_keepalive_time_ms": "10000",
    "RAY_grpc_client_keepalive_timeout_ms": "10000",
}
for name, value in SETTINGS.items():
    os.environ.setdefault(name, value)

try:
    import ray
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy
except ImportError:
    raise InputError("--on ray: Ray is not installed; pip install '.[ray]'") from None

CODE = (lookingglass, lab, stages, tools)  # what a worker imports, sent to the hosts by Ray
DEVICE = "LOOKINGGLASS_DEVICE"
RETRIES = 3  # of a task whose host died
PATIENCE = 30.0  # seconds for tasks to end after Ctrl-C


def launch(
    jobs: list[Job], at_once: int | None, address: str | None
) -> Iterator[tuple[Job, str | None]]:
    """Run the jobs; gives each as it ends, with None, or why it failed.

    Raises InputError where there is no such cluster, or no way to get results from its hosts.
    """
    connect(address)
    try:
        if all_see(FOLDER.absolute()):
            yield from ended(jobs, at_once or len(jobs))
            return
        for job, problem in ended(apart(jobs), at_once or len(jobs)):
            if problem is None:
                git("fetch", "--quiet", "origin", f"{job.ref}:{job.ref}")
            yield job, problem
    finally:
        ray.shutdown()


def check_open(address: str) -> None:
    """Raise InputError unless something listens there: Ray itself tries for two minutes."""
    host, _, port = address.rpartition(":")
    if not host or not port.isdecimal():
        raise InputError(f"--address {address}: must be HOST:PORT, as 'ray start' prints it")
    try:
        socket.create_connection((host, int(port)), timeout=10).close()
    except (OSError, OverflowError) as error:
        raise InputError(f"--address {address}: {error}") from None


def connect(address: str | None) -> None:
    """Connect to a cluster, or start Ray here, without its messages."""
    if address:
        check_open(address)
    device = {DEVICE: os.environ[DEVICE]} if DEVICE in os.environ else {}
    here = {} if address else {"include_dashboard": False}
    try:
        ray.init(
            address=address or "local",
            log_to_driver=False,
            logging_level="ERROR",
            runtime_env={
                "py_modules": [str(Path(module.__path__[0])) for module in CODE],
                "env_vars": device,
            },
            **here,
        )
    except (ConnectionError, ValueError, RuntimeError) as error:
        raise InputError(f"--address {address}: {str(error).strip().splitlines()[0]}") from None


def all_see(folder: Path) -> bool:
    """Whether every host of the cluster has this folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=folder) as token:
        hosts = [host["NodeID"] for host in ray.nodes() if host["Alive"]]
        on = [NodeAffinitySchedulingStrategy(host, soft=False) for host in hosts]
        look = ray.remote(num_cpus=0)(exists)
        return all(
            ray.get([look.options(scheduling_strategy=host).remote(token.name) for host in on])
        )


def apart(jobs: list[Job]) -> list[Job]:
    """The jobs for hosts that do not see this checkout: they work with its origin and its remote.

    Raises InputError without these.
    """
    if "remote" not in jobs[0].settings:
        raise InputError(
            "not all hosts of the cluster see this folder, so results need a DVC remote: "
            "'dvc remote add -d NAME URL' adds one"
        )
    url, commit = git("remote", "get-url", "origin").strip(), jobs[0].commit
    if not git("branch", "--remotes", "--contains", commit):
        raise InputError(
            f"commit {commit[:7]} is not on {url}, from which the hosts clone: push it"
        )
    return [replace(job, source=url, folder="") for job in jobs]


def ended(jobs: list[Job], at_once: int) -> Iterator[tuple[Job, str | None]]:
    """Run the jobs as tasks; gives each as it ends. On Ctrl-C, the tasks end as well."""
    gpus = 1 if os.environ.get(DEVICE) == "cuda" else 0
    task = ray.remote(num_cpus=1, num_gpus=gpus, max_retries=RETRIES)(run_on_host)
    waiting, running = list(jobs), dict[Any, Job]()
    interruptible("SIGINT", "SIGTERM", "SIGHUP")
    try:
        while waiting or running:
            while waiting and len(running) < at_once:
                job = waiting.pop(0)
                running[task.remote(job)] = job
            for ref in ray.wait(list(running))[0]:
                job = running.pop(ref)
                try:
                    yield job, ray.get(ref)
                except ray.exceptions.RayTaskError as error:  # a traceback, from the host
                    yield job, str(error).strip().splitlines()[-1]
                except ray.exceptions.RayError as error:  # its hosts died, again and again
                    yield job, str(error).strip().splitlines()[0]
    finally:
        for ref in running:
            ray.cancel(ref)
        if running:
            ray.wait(list(running), num_returns=len(running), timeout=PATIENCE)


def exists(path: str) -> bool:
    """Whether the host that this runs on has a file."""
    return Path(path).exists()


def run_on_host(job: Job) -> str | None:
    """Run a job on this host; gives None, or why it failed."""
    if not job.folder:
        own = Path(tempfile.gettempdir(), f"lookingglass-{getpass.getuser()}")
        job = replace(job, folder=str(own))
    path = Path(job.folder, f"{job.name}.json")
    write_jobs(path, [job])
    worker = local.start(str(path), 0)
    try:
        while worker.poll() is None:  # Ray cannot cancel what waits inside a system call
            time.sleep(0.1)
        problem = local.problem(worker)
    finally:
        local.stop([worker])
        path.unlink(missing_ok=True)
    return problem and f"{problem} (on {ray.util.get_node_ip_address()})"
