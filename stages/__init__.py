"""Ctrl-C ends a stage with one line at any time, while it imports torch, too.

So this is the one `__init__.py` that is not empty: Python runs it before all else. It is for
`python -m stages....` alone, and changes no result, so no stage names it among its `deps:`.
"""

import os
import signal
import sys


def _stop(*_: object) -> None:
    """Leave at once: an exception might be lost in what is being imported, or in a callback.

    That is as safe as being killed: what is half written is under another name, and locks go.
    """
    os.write(2, b"interrupted\n")
    os._exit(130)


# "-m" while Python looks for the module; and where Ctrl-C is ignored (nohup), that stays so
if sys.argv[0] == "-m" and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    signal.signal(signal.SIGINT, _stop)
