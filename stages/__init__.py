"""What comes before a stage: its numerics; Ctrl-C is one line from here on; dvc.lock is watched.

So this is the one `__init__.py` that is not empty: Python runs it before all else.
"""

import os
import signal
import subprocess
import sys
from pathlib import Path

import lab.numerics  # noqa: F401


def _stop(*_: object) -> None:
    """Leave at once: an exception might be lost in what is being imported, or in a callback.

    That is as safe as being killed: what is half written is under another name, and locks go.
    """
    os.write(2, b"interrupted\n")
    os._exit(130)


def _watch() -> None:
    """Have dvc.lock put right if the DVC that started this stage, perhaps by a shell, is killed."""
    import psutil

    try:
        # an experiment in a folder of its own ends with that
        if not Path(os.environ.get("DVC_ROOT", ".")).samefile("."):
            return
        dvc = psutil.Process().parent()
        while dvc and not any(Path(word).stem == "dvc" for word in dvc.cmdline()):
            dvc = dvc.parent()
        if dvc is None:  # killed already
            return
        mark = Path(".checkpoints") / f"watch-{dvc.pid}-{dvc.create_time():.0f}"
        mark.parent.mkdir(exist_ok=True)
        mark.touch(exist_ok=False)
        subprocess.Popen(
            [sys.executable, "-m", "stages.mend", str(dvc.pid), str(mark)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            # it is no stage itself, and waits for none
            env={name: value for name, value in os.environ.items() if name != "DVC_STAGE"},
            start_new_session=True,  # Ctrl-C is for DVC
        )
    except (OSError, psutil.Error):  # it is watched already, or the disk is full
        return


# "-m" while Python looks for the module; and where Ctrl-C is ignored (nohup), that stays so
if sys.argv[0] == "-m":
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _stop)
    if "DVC_STAGE" in os.environ:
        _watch()
