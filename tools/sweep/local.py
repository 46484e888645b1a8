"""Run the jobs of a sweep on this machine, some at a time.

Each has a worker process in a session of its own, so that Ctrl-C reaches it through us alone: it is
passed on to everything that the worker has started, and what does not end by itself is killed. A
second call finishes what was stopped.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress

from tools.sweep.checkout import FOLDER
from tools.sweep.worker import Job, interruptible, write_jobs

PATIENCE = 20.0  # seconds for workers to end after Ctrl-C


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


def launch(jobs: list[Job], at_once: int) -> Iterator[tuple[Job, str | None]]:
    """Run the jobs; gives each as it ends, with None, or why it failed."""
    path = FOLDER / f"jobs-{os.getpid()}.json"
    write_jobs(path, jobs)
    waiting, running = list(range(len(jobs))), dict[int, subprocess.Popen[str]]()
    interruptible("SIGINT", "SIGTERM", "SIGHUP")  # a closed terminal is the last of these
    try:
        while waiting or running:
            while waiting and len(running) < at_once:
                number = waiting.pop(0)
                running[number] = start(str(path), number)
            for number, worker in list(running.items()):
                if worker.poll() is not None:
                    del running[number]
                    yield jobs[number], problem(worker)
            time.sleep(0.05)
    finally:
        stop(list(running.values()))
        path.unlink(missing_ok=True)


def start(path: str, number: int) -> subprocess.Popen[str]:
    """Start the worker of a job."""
    command = [sys.executable, "-m", "tools.sweep.worker", path, str(number)]
    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,  # one line
        encoding="utf-8",
        errors="replace",
        start_new_session=True,
    )


def problem(worker: subprocess.Popen[str]) -> str | None:
    """Why a worker that has ended failed; None if it did not."""
    said = worker.communicate()[1].strip().splitlines()
    if worker.returncode == 0:
        return None
    return said[-1] if said else f"the worker ended with exit code {worker.returncode}"


def stop(workers: list[subprocess.Popen[str]]) -> None:
    """Interrupt the workers with all that they started, and wait for their end."""
    for worker in workers:
        send(worker, signal.SIGINT)
    end = time.monotonic() + PATIENCE
    for worker in workers:
        with suppress(subprocess.TimeoutExpired):
            worker.wait(max(0.0, end - time.monotonic()))
        if sys.platform != "win32":
            send(worker, signal.SIGKILL)  # what the worker left behind
        worker.wait()


def send(worker: subprocess.Popen[str], number: signal.Signals) -> None:
    """Send a signal to a worker and all that it started; on Windows, end the worker."""
    if sys.platform == "win32":
        worker.terminate()
    else:
        with suppress(ProcessLookupError):
            os.killpg(worker.pid, number)
