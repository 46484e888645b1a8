"""What one restart of an inversion went through, at a few of its iterations."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import torch
from jaxtyping import Float16, Int64
from torch import Tensor

from lookingglass.gpt.inversion import Inversion, Iteration

DENSE = 16  # iterations at the start that are all recorded


@dataclass(frozen=True)
class Recording:
    """One restart's vectors at some iterations."""

    restart: int
    steps: Int64[Tensor, " recorded"]
    """How many steps of Adam had been taken."""
    vectors: Float16[Tensor, "recorded time n_embd"]


def quickest(found: Inversion) -> int:
    """The restart that produced the most tokens, and of several the first to get there."""
    return min(range(len(found.best)), key=lambda i: (-int(found.best[i]), int(found.first[i])))


def worth_recording(matches: Int64[Tensor, " steps"]) -> Iterator[int]:
    """The iterations on either side of each change of the matches; of the others, some.

    The first DENSE, then fewer and fewer: the distance between two grows in proportion to how many
    came before them, as changes become smaller. The first and the last are among them.
    """
    step = 0
    while step < len(matches):
        yield step
        step += 1 + step // DENSE
    for change in torch.nonzero(matches.diff()).flatten().tolist():
        yield from (change, change + 1)
    yield len(matches) - 1


def record(iterations: Iterable[Iteration], found: Inversion) -> Recording:
    """Record the quickest restart of `found`, while the same inversion is run once more.

    All restarts' vectors at all iterations would be too much to keep until it is known which is the
    quickest. Vectors that float16 cannot hold, of an inversion that diverges, are left out.
    """
    restart = quickest(found)
    wanted = set(worth_recording(found.matches[:, restart]))
    kept = {
        step: now.vectors[restart].half()
        for step, now in enumerate(iterations)
        if step in wanted and now.vectors[restart].half().isfinite().all()
    }
    return Recording(restart, torch.tensor(list(kept)), torch.stack(list(kept.values())))
