"""What a stage opens. `tools.audit` has Python run this file before the stage's own code."""

import os
import sys
from pathlib import Path
from typing import Any


def watch(checkout: str, log: str) -> None:
    """Write to `log` the name of each file of the checkout that is read without being given here.

    It may be opened where it is, or be missed here, in the directory that the stage runs in.
    """
    # where the project is installed as editable, what is missing here would come from there
    sys.meta_path[:] = [
        finder
        for finder in sys.meta_path
        if not getattr(finder, "__module__", "").startswith("__editable__")
    ]
    here, root, python = Path.cwd(), Path(checkout), Path(sys.prefix).resolve()
    written = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def on_event(event: str, arguments: tuple[Any, ...]) -> None:
        if event != "open" or isinstance(arguments[0], int):  # a number: it is open already
            return
        if arguments[2] & (os.O_WRONLY | os.O_RDWR):
            return
        path = Path(os.fsdecode(arguments[0])).resolve()
        if path.parent.name == "__pycache__":  # which Python looks into before the module
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
