"""Run one point of a sweep in a clone of its own: what all launchers start.

`work(job)` runs it here. `python -m tools.sweep.worker JOBS NUMBER` runs one of the jobs in a file
that `write_jobs` made (the first is 0), and exits with 1 if it failed. A job that is killed resumes
when it is started again: finished stages come from the cache, and a training starts from its
checkpoint. Two workers of the same job wait for each other.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from dvc.config import Config

from lab.core.artifacts import write_bytes
from lab.core.entry import run

if sys.platform != "win32":
    import fcntl


@dataclass(frozen=True)
class Job:
    """A point to run."""

    source: str  # what to clone, and where the experiment goes: the checkout's path, or a git URL
    commit: str  # the baseline
    folder: str  # for clones and logs, named like the experiment
    settings: dict[str, Any]  # of DVC in the clone: the remote, or the cache that it shares
    name: str  # of the experiment
    message: str
    overrides: tuple[str, ...]  # for `dvc exp run -S`
    target: str | None

    @property
    def log(self) -> Path:
        """What git, DVC and the stages say; deleted on success."""
        return Path(self.folder, f"{self.name}.log")

    @property
    def ref(self) -> str:
        """The experiment in git."""
        return f"{refs(self.commit)}/{self.name}"


def refs(commit: str) -> str:
    """Where DVC has the experiments on a commit."""
    return f"refs/exps/{commit[:2]}/{commit[2:]}"


def write_jobs(path: str | Path, jobs: list[Job]) -> None:
    """Write jobs to a file, readable for this user only: settings may hold keys of a store."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    before = os.umask(0o077)
    try:
        write_bytes(path, json.dumps([asdict(job) for job in jobs]).encode())
    finally:
        os.umask(before)


def read_jobs(path: str | Path) -> list[Job]:
    """The jobs of such a file."""
    written = json.loads(Path(path).read_text(encoding="utf-8"))
    return [Job(**fields | {"overrides": tuple(fields["overrides"])}) for fields in written]


@contextmanager
def alone(job: Job) -> Iterator[IO[bytes]]:
    """Wait until nothing else works on this job; gives the standard input for what is started.

    The lock is on that file, so it holds until all that inherit it have ended, even if this process
    is killed and leaves them behind.
    """
    Path(job.folder).mkdir(parents=True, exist_ok=True)
    with Path(job.folder, f"{job.name}.lock").open("a+b") as lock:
        if sys.platform != "win32":
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield lock


def work(job: Job) -> str | None:
    """Run a job, unless its experiment is there. Gives None, or on failure its log's last line."""
    clone = Path(job.folder, job.name)
    with alone(job) as stdin, job.log.open("ab") as log:

        def call(*command: str, cwd: Path = clone) -> None:
            path = str(Path(sys.executable).parent) + os.pathsep + os.environ["PATH"]
            process = subprocess.Popen(
                command,
                cwd=cwd,
                env=os.environ | {"PATH": path},
                stdin=stdin,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
            try:
                if process.wait():
                    raise subprocess.CalledProcessError(process.returncode, command)
            except KeyboardInterrupt:  # DVC got it, too, and ends when its stage has
                process.wait()
                raise

        try:
            if not has(job.source, job.ref):
                prepare(job, clone, call)
                if not has(str(clone), job.ref):
                    call(*experiment(job))
                call(*push(job))
        except subprocess.CalledProcessError as error:
            log.flush()
            return last_line(job.log) or f"{' '.join(error.cmd[:5])}: exit code {error.returncode}"
        shutil.rmtree(clone, ignore_errors=True)
    job.log.unlink(missing_ok=True)
    return None


def has(source: str, ref: str) -> bool:
    """Whether a repository has a ref."""
    command = ["git", "ls-remote", source, ref]
    done = subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    return bool(done.stdout)


def dvc(*arguments: str) -> tuple[str, ...]:
    """A DVC command, by this Python."""
    return (sys.executable, "-m", "dvc", *arguments)


def experiment(job: Job) -> tuple[str, ...]:
    """The command that runs the point; without a remote, there is nothing to pull."""
    pull = ["--pull"] if "remote" in job.settings else []
    changes = [word for override in job.overrides for word in ("-S", override)]
    named = ["-n", job.name, "-m", job.message]
    return dvc("exp", "run", *pull, *changes, *named, *([job.target] if job.target else []))


def push(job: Job) -> tuple[str, ...]:
    """The command that gives the experiment back; a shared cache has its outputs already."""
    return dvc(
        "exp", "push", *([] if "remote" in job.settings else ["--no-cache"]), "origin", job.name
    )


def prepare(job: Job, clone: Path, call: Callable[..., None]) -> None:
    """Make the clone, or clean up one that was left behind; checkpoints and the cache stay."""
    if not clone.exists():
        fresh = clone.with_name(f".{job.name}.tmp")
        shutil.rmtree(fresh, ignore_errors=True)
        call("git", "clone", "--quiet", "--no-checkout", job.source, str(fresh), cwd=clone.parent)
        fresh.rename(clone)
    for lock in [*(clone / ".git").rglob("*.lock"), clone / ".dvc" / "tmp" / "rwlock"]:
        lock.unlink(missing_ok=True)
    call("git", "fetch", "--quiet", "origin", "HEAD", "+refs/heads/*:refs/remotes/origin/*")
    call("git", "checkout", "--quiet", "--force", "--detach", job.commit)
    for unfinished in ("exec", "stash", "apply"):
        shutil.rmtree(clone / ".git" / "refs" / "exps" / unfinished, ignore_errors=True)
    with Config(str(clone / ".dvc")).edit("local") as settings:
        settings.update(job.settings)


def last_line(log: Path) -> str:
    """The last line of a log, before DVC's own, which only says which stage failed."""
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    said = [line.strip() for line in lines if line.strip()]
    own = "ERROR: failed to reproduce"
    return next((line for line in reversed(said) if not line.startswith(own)), "")


def interruptible(*names: str) -> None:
    """Let these signals raise KeyboardInterrupt, except where they are ignored (nohup).

    Otherwise Ctrl-C would end this process at once (stages/__init__.py), and leave others behind.
    """
    for name in names:
        number = getattr(signal, name, None)  # not every system has all
        if number is not None and signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler)


def main() -> None:
    interruptible("SIGINT")
    _, path, number = sys.argv
    if problem := work(read_jobs(path)[int(number)]):
        print(problem, file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    run(main)
