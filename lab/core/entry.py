"""How every stage ends: what the user can mend is one line and exit code 2, never a traceback.

For Ctrl-C while a stage still imports its modules, see stages/__init__.py.
"""

import io
import os
import sys
from collections.abc import Callable

from lookingglass.errors import InputError


def run(main: Callable[[], None]) -> None:
    """Run a stage's main function; what the console cannot show is written as an escape."""
    if isinstance(sys.stdout, io.TextIOWrapper):  # a notebook's or a test's may be another
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        main()
        sys.stdout.flush()  # so that it is known here if nobody reads it
    except InputError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    except BrokenPipeError:  # nobody reads on, as with `| head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for what is left to write
        sys.exit(141)  # as a shell has it of a program that such a pipe ends
    except OSError as error:  # a lock, a folder or a picture that may not be written, say
        if error.filename is None:
            raise
        print(f"{error.filename}: {error.strerror}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        sys.exit(130)
