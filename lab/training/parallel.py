"""Several processes that train one model: torchrun starts them, and here they find each other."""

import logging
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, redirect_stderr, redirect_stdout
from pathlib import Path

import torch
import torch.distributed as dist
from torch.distributed.elastic.multiprocessing.api import SignalException
from torch.distributed.elastic.multiprocessing.errors import ChildFailedError
from torch.distributed.run import parse_args
from torch.distributed.run import run as torchrun

from lab.core.params import PARAMS
from lab.training.checkpoint import alone
from lab.training.device import VARIABLE
from lookingglass.errors import InputError
from lookingglass.gpt.world import ALONE, World


def start_processes(processes: int, module: str, *arguments: str) -> bool:
    """Run a module in several processes, and wait for them; if one fails, exit with its exit code.

    False if nothing was started: one process is enough, or torchrun has started this one itself.
    """
    if processes == 1 or dist.is_torchelastic_launched():
        return False
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # or torchrun warns that it sets it
    # or this process holds what the others meet by, and when it is killed some of them may hang
    os.environ.setdefault("TORCH_DISABLE_SHARE_RDZV_TCP_STORE", "1")
    logging.getLogger("torch.distributed").setLevel(logging.CRITICAL)  # it is said in a line below
    options = ["--standalone", f"--nproc-per-node={processes}", "--module"]
    try:
        torchrun(parse_args([*options, module, *arguments]))
    except ChildFailedError as error:
        _, failure = error.get_first_failure()
        if failure.exitcode < 0:
            said = f"process {failure.local_rank} was ended by signal {-failure.exitcode}"
            print(f"{module}: {said}", file=sys.stderr)
        sys.exit(failure.exitcode if failure.exitcode > 0 else 1)
    except SignalException as error:
        sys.exit(128 + error.sigval)
    return True


@contextmanager
def together(name: str, processes: int, device: torch.device) -> Iterator[World]:
    """`alone`, for all processes of a training, of which only the first prints.

    On GPUs, each process takes one of its machine's. Raises InputError if torchrun started another
    number of processes, or more than there are GPUs.
    """
    size, rank, local = (
        int(os.environ.get(variable, default))
        for variable, default in (("WORLD_SIZE", 1), ("RANK", 0), ("LOCAL_RANK", 0))
    )
    if size != processes:
        raise InputError(
            f"{PARAMS}: train_gpt.processes = {processes}, but torchrun started {size}: must be "
            "the same, since the number changes the last digits"
        )
    if size == 1:
        with alone(name):
            yield ALONE
        return
    if device.type == "cuda":
        here, gpus = int(os.environ["LOCAL_WORLD_SIZE"]), torch.cuda.device_count()
        if here > gpus:
            raise InputError(
                f"{PARAMS}: train_gpt.processes: {here} on a machine with {gpus} GPUs: each needs "
                f"one; {VARIABLE}=cpu does without"
            )
        torch.cuda.set_device(local)
    # each waits for a lock of its own: when they wait for each other, torch has a time limit
    lock = alone(f"{name}_{rank}" if rank else name)
    try:
        with _silent() if rank else nullcontext(), lock:
            dist.init_process_group("nccl" if device.type == "cuda" else "gloo")
            yield World(size, rank)
            dist.destroy_process_group()
    except ConnectionError as error:
        print(f"process {rank} lost another: {error}", file=sys.stderr)
        sys.exit(1)


@contextmanager
def one_voice() -> Iterator[None]:
    """Of an InputError that all processes raise, only the first on each machine speaks.

    The others end as if all were well: torchrun ends the rest as soon as one has failed.
    """
    try:
        yield
    except InputError:
        if os.environ.get("LOCAL_RANK", "0") == "0":
            raise


@contextmanager
def _silent() -> Iterator[None]:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # the first says that they were interrupted
    with (
        Path(os.devnull).open("w") as nothing,
        redirect_stdout(nothing),
        redirect_stderr(nothing),
    ):
        yield
