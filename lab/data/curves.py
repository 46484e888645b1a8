"""A training curve averaged over ever longer intervals, and its table for `dvc plots`.

Single batches are too noisy to show a small excess over the irreducible loss. This module does not
import torch, so that figures can use it.
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lab.data.tables import write_frame

INTERVALS = 24


def average(curve: pd.DataFrame) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The mean step and mean loss of each interval; the first row of `curve` is step 1."""
    ends = np.unique(np.geomspace(1, len(curve) + 1, INTERVALS).astype(int))
    starts, lengths = ends[:-1] - 1, np.diff(ends)
    step, loss = (
        np.add.reduceat(curve[name].to_numpy(dtype=float), starts) / lengths
        for name in ("step", "loss")
    )
    return step, loss


def write_losses(path: str, curve: pd.DataFrame, irreducible: float) -> None:
    """Write the averaged curve next to the irreducible loss, for `dvc plots`."""
    step, loss = average(curve)
    write_frame(path, pd.DataFrame({"step": step, "loss": loss, "irreducible": irreducible}))
