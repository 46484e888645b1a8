"""What comes before a stage: its numerics, and Ctrl-C as one line while torch is being imported.

So this is the one `__init__.py` that is not empty: Python runs it before all else.
"""

import os
import signal
import sys

import lab.core.numerics  # noqa: F401


def _stop(*_: object) -> None:
    """Leave at once: an exception might be lost in what is being imported, or in a callback.

    That is as safe as being killed: what is half written is under another name, and locks go.
    """
    os.write(2, b"interrupted\n")
    os._exit(130)


# "-m" while Python looks for the module; and where Ctrl-C is ignored (nohup), that stays so
if sys.argv[0] == "-m" and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    signal.signal(signal.SIGINT, _stop)
