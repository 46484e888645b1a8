"""JavaScript modules, style and data in one HTML page that needs no server and no network.

A browser does not load modules from files. So each goes into the page's import map as a data: URL,
under the path of its file, and imports name these paths.
"""

import base64
import json
import posixpath
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lab.core.artifacts import read_bytes
from lookingglass.errors import InputError

RELATIVE_IMPORT = re.compile(r'\b(from|import) "(\.\.?/[^"]+)";$', re.MULTILINE)


def modules(entry: str, root: Path = Path()) -> dict[str, str]:
    """The sources of a module and of all that it imports, directly or indirectly, by their paths.

    Relative imports are written as paths from the root. Raises InputError for a missing file.
    """
    sources: dict[str, str] = {}
    todo = [entry]
    while todo:
        path = todo.pop()
        if path in sources:
            continue
        folder = posixpath.dirname(path)

        def from_root(found: re.Match[str], folder: str = folder) -> str:
            todo.append(posixpath.normpath(posixpath.join(folder, found[2])))
            return f'{found[1]} "{todo[-1]}";'

        sources[path] = RELATIVE_IMPORT.sub(from_root, read_text(root / path))
    return dict(sorted(sources.items()))


def bundle(
    template: str,
    *,
    style: str,
    panels: Mapping[str, str],
    sources: Mapping[str, str],
    data: Any,
) -> str:
    """The template with {style}, {importmap}, {data} and each <!-- panel NAME --> filled in.

    data is plain JSON.
    """
    imports = {path: _data_url(source) for path, source in sources.items()}
    parts = {"{style}": style, "{importmap}": _json({"imports": imports}), "{data}": _json(data)}
    parts |= {f"<!-- panel {name} -->": markup for name, markup in panels.items()}
    # all at once, so that no part's braces are taken for a place to fill in
    places = "|".join(map(re.escape, parts))
    return re.sub(places, lambda found: parts[found[0]], template)


def read_text(path: str | Path) -> str:
    """A source file. Raises InputError if it is missing or not UTF-8 text."""
    try:
        return read_bytes(path).decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not UTF-8 text (byte {error.start})") from error


def _data_url(source: str) -> str:
    return f"data:text/javascript;base64,{base64.b64encode(source.encode()).decode()}"


def _json(value: Any) -> str:
    """JSON that may stand in a script element: no text in it ends the element."""
    return json.dumps(value, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")
