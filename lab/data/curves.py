"""A training curve averaged over ever longer stretches, and its table beside the irreducible loss.

One batch is too noisy to show how little is left. This module needs no torch, so that figures can
use it, too.
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lab.core.artifacts import write_table

STRETCHES = 24


def average(curve: pd.DataFrame) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The mean step and the mean loss of each stretch; of `curve`, step 1 is the first row."""
    ends = np.unique(np.geomspace(1, len(curve) + 1, STRETCHES).astype(int))
    starts, lengths = ends[:-1] - 1, np.diff(ends)
    step, loss = (
        np.add.reduceat(curve[name].to_numpy(dtype=float), starts) / lengths
        for name in ("step", "loss")
    )
    return step, loss


def write_losses(path: str, curve: pd.DataFrame, irreducible: float) -> None:
    """For `dvc plots`: the averaged curve, and what it cannot fall below."""
    rows = (
        (float(step), float(loss), irreducible) for step, loss in zip(*average(curve), strict=True)
    )
    write_table(path, ("step", "loss", "irreducible"), rows)
