"""Progress bars that work in a terminal, in a pipe and in CI."""

import sys
import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

from tqdm import tqdm

T = TypeVar("T")

PATIENCE = 10.0  # seconds between two lines without a terminal


def progress(items: Iterable[T], *, total: int, title: str) -> Iterator[T]:
    """Yield the items; show a bar in a terminal, elsewhere a plain line every ten seconds."""
    if sys.stderr.isatty():
        yield from tqdm(items, total=total, desc=title, dynamic_ncols=True)
        return
    due = time.monotonic() + PATIENCE
    for done, item in enumerate(items, start=1):
        yield item
        if time.monotonic() > due:
            print(f"{title}: {done} of {total}", file=sys.stderr, flush=True)
            due = time.monotonic() + PATIENCE
