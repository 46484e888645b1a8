"""Runs before any stage: sets its numerics, and makes Ctrl-C one line while torch is imported.

That is why this `__init__.py` is not empty.
"""

import os
import signal
import sys

import lab.core.numerics  # noqa: F401


def _stop(*_: object) -> None:
    """Exit at once: an exception could get lost in a module that is being imported.

    This is as safe as being killed: unfinished files have temporary names, and locks are released.
    """
    os.write(2, b"interrupted\n")
    os._exit(130)


# argv[0] is "-m" while Python looks for the module; where Ctrl-C is ignored (nohup), it stays so
if sys.argv[0] == "-m" and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    signal.signal(signal.SIGINT, _stop)
