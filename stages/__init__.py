"""What comes before a stage: Ctrl-C is one line from here on, and dvc.lock is kept whole.

So this is the one `__init__.py` that is not empty: Python runs it before all else. It is for
`python -m stages....` alone, and changes no result, so no stage names it among its `deps:`.
"""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

LOCK, KEPT = Path("dvc.lock"), Path(".checkpoints/dvc.lock")


def _stop(*_: object) -> None:
    """Leave at once: an exception might be lost in what is being imported, or in a callback.

    That is as safe as being killed: what is half written is under another name, and locks go.
    """
    os.write(2, b"interrupted\n")
    os._exit(130)


def watch_mark(dvc: int) -> Path:
    """The file that is there while a process waits for that DVC to end, and puts things right."""
    return KEPT.with_name(f"watch-{dvc}")


def _dvc() -> int | None:
    """The process of the DVC that started this one, perhaps by a shell."""
    import psutil

    for process in psutil.Process().parents():
        if any(Path(word).stem == "dvc" for word in process.cmdline()):
            return int(process.pid)
    return None


def _keep_lock() -> None:
    """Copy dvc.lock, which DVC does not write now, and have it put right if DVC is killed later."""
    dvc = _dvc()
    if dvc is None:  # killed already
        return
    try:
        KEPT.parent.mkdir(exist_ok=True)
        if LOCK.exists():
            temporary = KEPT.with_name("dvc.lock.tmp")
            shutil.copyfile(LOCK, temporary)
            temporary.replace(KEPT)
        else:
            KEPT.unlink(missing_ok=True)
        watch_mark(dvc).touch(exist_ok=False)
    except OSError:  # it is watched already, or the disk is full
        return
    subprocess.Popen(
        [sys.executable, "-m", "stages.mend", str(dvc)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        # it is no stage itself, and waits for none
        env={name: value for name, value in os.environ.items() if name != "DVC_STAGE"},
        start_new_session=True,  # Ctrl-C is for DVC
    )


# "-m" while Python looks for the module; and where Ctrl-C is ignored (nohup), that stays so
if sys.argv[0] == "-m":
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _stop)
    if "DVC_STAGE" in os.environ:
        _keep_lock()
