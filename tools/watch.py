"""Log what a stage opens; `tools.audit` makes Python run this file before the stage."""

import os
import sys
from pathlib import Path
from typing import Any


def watch(checkout: str, log: str) -> None:
    """Log each file of the checkout that the stage reads although it was not copied here.

    Either it is opened in the checkout, or it is looked for in the stage's own directory.
    """
    # an editable install would supply modules that are missing here
    sys.meta_path[:] = [
        finder
        for finder in sys.meta_path
        if not getattr(finder, "__module__", "").startswith("__editable__")
    ]
    here, root, python = Path.cwd(), Path(checkout), Path(sys.prefix).resolve()
    written = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def on_event(event: str, arguments: tuple[Any, ...]) -> None:
        if event != "open" or isinstance(arguments[0], int):  # a descriptor: already open
            return
        if arguments[2] & (os.O_WRONLY | os.O_RDWR):
            return
        path = Path(os.fsdecode(arguments[0])).resolve()
        if path.parent.name == "__pycache__":  # which Python tries before the module
            return
        if path.is_relative_to(here):
            name = path.relative_to(here)
            undeclared = not path.exists() and (root / name).is_file()
        elif path.is_relative_to(root) and not path.is_relative_to(python):
            name = path.relative_to(root)
            undeclared = True
        else:
            return
        if undeclared:
            os.write(written, f"{name.as_posix()}\n".encode())

    sys.addaudithook(on_event)
