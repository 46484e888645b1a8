"""Run the jobs of a sweep on a Slurm cluster: an array job, with one task for each.

Slurm queues the tasks, and queues them again when they are preempted or their node dies: the worker
then resumes from its checkpoint. The nodes must see this checkout under the same path. Which jobs
are queued is known from the array's name, that of the file of jobs: so a second call waits for them
instead of submitting them again.
"""

import hashlib
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from lookingglass.errors import InputError
from tools.sweep.checkout import FOLDER, there
from tools.sweep.worker import Job, interruptible, last_line, read_jobs, write_jobs

SCRIPT = """\
#!/bin/sh
exec {python} -m tools.sweep.worker {jobs} "$SLURM_ARRAY_TASK_ID"
"""
PAUSE = 5.0  # seconds between two looks at the queue, which all users share

Queue = set[tuple[str, int]]
"""Tasks that are waiting or running: the names of their arrays, and their numbers."""

Tasks = dict[str, tuple[str, int]]
"""By the ref of a job: its array's name and its number in it."""


def launch(
    jobs: list[Job], at_once: int | None, options: str, *, wait: bool
) -> Iterator[tuple[Job, str | None]]:
    """Submit the jobs that are not queued yet, then give each as it ends; without `wait`, none.

    Raises InputError where Slurm's commands are missing or refuse the job.
    """
    interruptible("SIGINT")
    known = in_arrays(queued_now())
    new = [job for job in jobs if job.ref not in known]
    if len(new) < len(jobs):
        print(f"{len(jobs) - len(new)} points are queued already", flush=True)
    if new:
        known |= submit(new, at_once, shlex.split(options))
    if not wait:
        return
    try:
        yield from ended(jobs, known)
    except KeyboardInterrupt:
        arrays = ",".join(sorted({known[job.ref][0] for job in jobs}))
        print(
            "\nthe jobs go on; the same command waits for them again, and "
            f"'scancel --name={arrays}' ends them",
            file=sys.stderr,
        )
        raise


def submit(jobs: list[Job], at_once: int | None, options: list[str]) -> Tasks:
    """Submit an array job."""
    names = " ".join(job.ref for job in jobs)
    array = f"array-{hashlib.sha256(names.encode()).hexdigest()[:10]}"
    path = FOLDER.absolute() / f"{array}.json"
    write_jobs(path, jobs)
    command = [
        "sbatch",
        "--requeue",
        f"--array=0-{len(jobs) - 1}" + (f"%{at_once}" if at_once else ""),
        f"--job-name={array}",
        f"--output={str(FOLDER.absolute()).replace('%', '%%')}/{array}-%a.log",  # as log_of
        "--open-mode=append",  # what a task said before it was requeued stays
        *options,
    ]
    script = SCRIPT.format(python=shlex.quote(sys.executable), jobs=shlex.quote(str(path)))
    done = subprocess.run(command, input=script, capture_output=True, encoding="utf-8")
    if done.returncode:
        path.unlink()
        raise InputError((done.stderr.strip() or "sbatch: failed").splitlines()[-1])
    print(f"{done.stdout.strip()}: {array}, {len(jobs)} points", flush=True)
    return {job.ref: (array, number) for number, job in enumerate(jobs)}


def squeue() -> subprocess.CompletedProcess[str]:
    """Ask for the user's tasks that are waiting or running: their arrays' names, and numbers."""
    command = ["squeue", "--me", "--noheader", "--array", "--format=%j %K"]
    try:
        return subprocess.run(command, capture_output=True, encoding="utf-8")
    except FileNotFoundError:
        raise InputError(
            "--on slurm: there is no 'squeue' here; run it where Slurm's commands are"
        ) from None


def tasks_in(listed: str) -> Queue:
    """The tasks in what squeue printed."""
    split = (line.rpartition(" ") for line in listed.splitlines())
    return {(name, int(number)) for name, _, number in split if number.isdecimal()}


def queued_now() -> Queue:
    """The tasks in the queue. Raises InputError if Slurm does not answer."""
    done = squeue()
    if done.returncode:
        raise InputError(f"squeue: {(done.stderr.strip() or 'failed').splitlines()[-1]}")
    return tasks_in(done.stdout)


def queued() -> Queue:
    """The tasks in the queue, as soon as Slurm answers: its controller may be restarting."""
    while (done := squeue()).returncode:
        time.sleep(PAUSE)
    return tasks_in(done.stdout)


def in_arrays(queue: Queue) -> Tasks:
    """The jobs in the queue, from the files of their arrays; files of ended arrays are deleted."""
    tasks: Tasks = {}
    for path in FOLDER.absolute().glob("array-*.json"):
        numbers = {number for name, number in queue if name == path.stem}
        if numbers:
            jobs = read_jobs(path)
            tasks |= {jobs[number].ref: (path.stem, number) for number in numbers}
        else:
            path.unlink()
    return tasks


def ended(jobs: list[Job], tasks: Tasks) -> Iterator[tuple[Job, str | None]]:
    """Wait for the jobs; gives each as its task leaves the queue."""
    waiting = jobs
    while waiting:
        queue = queued()
        left = [job for job in waiting if tasks[job.ref] not in queue]
        waiting = [job for job in waiting if tasks[job.ref] in queue]
        names = there(jobs[0].source, jobs[0].commit) if left else set()
        for job in left:
            yield job, problem(job, log_of(*tasks[job.ref]), names)
        if waiting:
            time.sleep(PAUSE)
        else:
            in_arrays(queue)


def log_of(array: str, number: int) -> Path:
    """What a task said, and what Slurm said of it: that its time was up, for example."""
    return FOLDER.absolute() / f"{array}-{number}.log"


def problem(job: Job, log: Path, names: set[str]) -> str | None:
    """Why a job that has ended failed; None if its experiment is there."""
    if job.name in names:
        log.unlink(missing_ok=True)
        return None
    for path in (log, job.log):
        if path.is_file() and (line := last_line(path)):
            return line
    return "it ended without a word; 'sacct' may know why"
