"""How every program of the project ends: a user's mistake is one line and exit code 2.

Ctrl-C while a stage is still importing its modules is handled in stages/__init__.py.
"""

import io
import os
import sys
from collections.abc import Callable

from lookingglass.errors import InputError


def run(main: Callable[[], None]) -> None:
    """Run a main function; characters that the console cannot show are printed as escapes."""
    if isinstance(sys.stdout, io.TextIOWrapper):  # in a notebook it may be something else
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        main()
        sys.stdout.flush()  # so that a closed pipe shows here
    except InputError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    except BrokenPipeError:  # the reader is gone, as with `| head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for what is still buffered
        sys.exit(141)  # a shell's exit code for SIGPIPE
    except OSError as error:  # no permission to write a lock or a picture, for example
        if error.filename is None:
            raise
        print(f"{error.filename}: {error.strerror}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        sys.exit(130)
