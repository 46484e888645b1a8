"""Progress bars that behave in a terminal, in a pipe and in CI."""

import sys
from collections.abc import Iterable, Iterator
from typing import TypeVar

from tqdm import tqdm

T = TypeVar("T")

PATIENCE = 10.0  # seconds between two lines where there is no terminal


class _Lines:
    """tqdm redraws its bar after a carriage return; in a log each state is a line of its own."""

    reached = ""

    def write(self, text: str) -> None:
        line = text.strip()
        reached = line.partition(",")[0]
        if line and reached != self.reached:  # at the end tqdm writes the last one again
            print(line, file=sys.stderr)
            self.reached = reached

    def flush(self) -> None:
        sys.stderr.flush()


def progress(items: Iterable[T], *, total: int, title: str) -> Iterator[T]:
    """Pass the items on; show a bar in a terminal, elsewhere a plain line every ten seconds."""
    if sys.stderr.isatty():
        yield from tqdm(items, total=total, desc=title, dynamic_ncols=True)
        return
    yield from tqdm(
        items,
        total=total,
        desc=title,
        file=_Lines(),
        delay=PATIENCE,
        mininterval=PATIENCE,
        miniters=1,
        bar_format="{desc}: {n_fmt} of {total_fmt}, {elapsed} gone, {remaining} to go",
    )
