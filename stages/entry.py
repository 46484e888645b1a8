"""How every stage ends: what the user can mend is one line and exit code 2, never a traceback.

For Ctrl-C while a stage still imports its modules, see stages/__init__.py.
"""

import os
import sys
from collections.abc import Callable

from lookingglass.errors import DISK_FULL, InputError


def run(main: Callable[[], None]) -> None:
    """Run a stage's main function."""
    try:
        main()
        sys.stdout.flush()  # so that it is known here if nobody reads it
    except InputError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    except BrokenPipeError:  # nobody reads on, as with `| head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for what is left to write
        sys.exit(141)  # as a shell has it of a program that such a pipe ends
    except OSError as error:  # what artifacts.py does not write: a lock, a folder
        if error.errno not in DISK_FULL:
            raise
        print(f"{error.filename or 'a file'}: not written, the disk is full", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        sys.exit(130)
