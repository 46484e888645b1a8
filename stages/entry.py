"""How every stage ends: what the user can mend is one line and exit code 2, never a traceback."""

import sys
from collections.abc import Callable

from lookingglass.errors import InputError


def run(main: Callable[[], None]) -> None:
    """Run a stage's main function."""
    try:
        main()
    except InputError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        sys.exit(130)
