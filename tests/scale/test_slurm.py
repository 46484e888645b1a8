"""A sweep on a real Slurm on this machine, while tasks and its controller are killed."""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import Checkout
from tests.scale.conftest import FOLDER, SWEEP, results, resumed, start, training, wait_for
from tools.sweep.worker import read_jobs

PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "squeue", "scontrol", "scancel")
MISSING = [
    name for name in PROGRAMS if not shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin")
]

pytestmark = [
    pytest.mark.scale,
    pytest.mark.skipif(bool(MISSING), reason=f"needs slurm-wlm and munge: no {MISSING}"),
    pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() != 0, reason="needs root"),
]

CONFIGURATION = """\
ClusterName=test
SlurmctldHost={host}(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket,cred_expire=5 # what is requeued waits as long
SlurmctldPort={ports[0]}
SlurmdPort={ports[1]}
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
KillWait=2
ReturnToService=2
NodeName={host} NodeAddr=127.0.0.1 CPUs=2
PartitionName=main Nodes=ALL Default=YES
"""


@dataclass
class Slurm:
    """A cluster of one node, this machine."""

    folder: Path
    running: dict[str, subprocess.Popen[bytes]]

    @property
    def environment(self) -> dict[str, str]:
        return {"SLURM_CONF": str(self.folder / "slurm.conf")}

    def start(self, name: str, *command: str) -> None:
        """Start a server in the foreground; what it says is in a file."""
        with (self.folder / f"{name}.out").open("ab") as out:
            self.running[name] = subprocess.Popen(
                [name, *command],
                env=os.environ | self.environment | {"PATH": f"{os.environ['PATH']}:/usr/sbin"},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
            )

    def end(self, name: str) -> None:
        self.running[name].terminate()
        self.running[name].wait()

    def ask(self, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, env=os.environ | self.environment, capture_output=True, encoding="utf-8"
        )

    def tell(self, *command: str) -> None:
        done = self.ask(*command)
        assert done.returncode == 0, done.stderr

    def tasks(self, state: str = "all") -> list[str]:
        """The tasks in the queue: ARRAY'S-NAME ARRAY_NUMBER."""
        command = ["squeue", "--noheader", "--array", "--format=%j %F_%K", f"--states={state}"]
        return self.ask(*command).stdout.splitlines()


def free_ports(number: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(number)]
    ports = [server.getsockname()[1] for server in sockets]
    for server in sockets:
        server.close()
    return ports


@pytest.fixture
def slurm(tmp_path: Path) -> Iterator[Slurm]:
    """Start munged, slurmctld and slurmd on loopback; afterwards end them and what they started."""
    folder = tmp_path / "slurm"
    for name in ("state", "spool"):
        (folder / name).mkdir(parents=True)
    key = folder / "munge.key"
    key.write_bytes(secrets.token_bytes(128))
    key.chmod(0o400)
    (folder / "slurm.conf").write_text(
        CONFIGURATION.format(
            host=socket.gethostname().partition(".")[0], folder=folder, ports=free_ports(2)
        )
    )
    cluster = Slurm(folder, {})
    files = {"key-file": "key", "socket": "socket", "pid-file": "pid", "seed-file": "seed"}
    options = [f"--{name}={folder}/munge.{ending}" for name, ending in files.items()]
    try:
        cluster.start("munged", "--foreground", "--force", *options)
        wait_for((folder / "munge.socket").exists)
        cluster.start("slurmctld", "-D")
        cluster.start("slurmd", "-D")
        wait_for(lambda: "idle" in cluster.ask("sinfo", "--noheader").stdout)
        yield cluster
        cluster.ask("scancel", "--me")
        wait_for(lambda: not cluster.tasks("running,completing"))
    finally:
        for name in reversed(cluster.running):
            cluster.end(name)


def test_a_sweep_survives_kills(
    checkout: Checkout, slurm: Slurm, undisturbed: dict[str, str]
) -> None:
    """One task is requeued, one killed for good, the controller restarted; a last call ends it."""
    folder = checkout.path / FOLDER
    submitted = checkout.run(*SWEEP, "--on", "slurm", "--no-wait", **slurm.environment).stdout
    assert "4 points" in submitted
    (array,) = folder.glob("array-*.json")
    jobs = read_jobs(array)
    with start(checkout, "--on", "slurm", **slurm.environment) as sweep:
        wait_for(lambda: len(training(folder)) >= 2, sweep)
        first, second = training(folder)[:2]
        numbers = {job.name: number for number, job in enumerate(jobs)}
        ids = {int(task.rpartition("_")[2]): task.split()[1] for task in slurm.tasks("running")}
        slurm.tell("scontrol", "requeue", ids[numbers[first]])
        slurm.tell("scancel", "--signal=KILL", "--full", ids[numbers[second]])
        slurm.end("slurmctld")
        assert slurm.ask("squeue").returncode, "it is not gone"
        time.sleep(12)  # the sweep, which looks every few seconds, sees that
        assert sweep.poll() is None
        slurm.start("slurmctld", "-D")
        wait_for(lambda: resumed(folder, first), sweep)
        said = sweep.communicate()[0]
    assert sweep.returncode == 1
    assert "4 points are queued already" in said
    assert "1 of 4 points failed" in said
    assert jobs[numbers[second]].overrides[0] in said
    assert set(results(checkout)) == {job.name for job in jobs if job.name != second}
    assert not array.exists()

    with start(checkout, "--on", "slurm", "--sbatch=--partition=main", **slurm.environment) as rest:
        wait_for(lambda: resumed(folder, second), rest)
        said = rest.communicate()[0]
    assert rest.returncode == 0, said
    assert "3 of 4 points are there already" in said
    assert results(checkout) == undisturbed
    assert not list(folder.glob("*/")), "clones are left behind"


def test_ctrl_c_leaves_the_jobs_running(checkout: Checkout, slurm: Slurm) -> None:
    with start(checkout, "--on", "slurm", "--jobs", "1", **slurm.environment) as sweep:
        wait_for(lambda: bool(slurm.tasks("running")), sweep)
        sweep.send_signal(signal.SIGINT)
        said = sweep.communicate()[0]
    assert sweep.returncode == 130
    (name,) = {task.split()[0] for task in slurm.tasks()}
    assert f"'scancel --name={name}' ends them" in said
    assert len(slurm.tasks()) == 4
    assert len(slurm.tasks("running")) == 1  # as --jobs says
    slurm.tell("scancel", f"--name={name}")


def test_what_slurm_refuses_is_one_line(checkout: Checkout, slurm: Slurm) -> None:
    options = ["--on", "slurm", "--sbatch=--partition=nowhere"]
    done = checkout.run(*SWEEP, *options, check=False, **slurm.environment)
    assert done.returncode == 2
    assert "Invalid partition" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not list((checkout.path / FOLDER).glob("array-*"))
    done = checkout.run(*SWEEP, "--on", "slurm", check=False, SLURM_CONF="/nowhere")
    assert done.returncode == 2
    assert done.stderr.startswith("squeue: ")
