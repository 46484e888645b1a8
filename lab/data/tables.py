"""Tables as data frames, for figures and for stages whose results have named columns."""

import io
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from lab.core.artifacts import write_table
from lookingglass.errors import InputError

CURE = "delete it, then 'dvc repro' makes it again"


def read_table(path: str, numbers: Sequence[str], texts: Sequence[str] = ()) -> pd.DataFrame:
    """Read a .csv that has these columns of numbers, and these of text, which may look numeric.

    It may have more columns, all of numbers. Raises InputError if it is missing or damaged.
    """
    try:
        data = Path(path).read_bytes()
        if not data.endswith(b"\n"):
            raise ValueError("cut off")  # a number cut in two would be another number
        # an empty text is a text, and so is "nan"
        table = pd.read_csv(
            io.BytesIO(data), dtype=dict.fromkeys(texts, str), keep_default_na=False
        )
        for name in set(table) - set(texts):
            table[name] = pd.to_numeric(table[name])
    except FileNotFoundError as error:
        raise InputError(f"{path}: not there; 'dvc repro' makes it") from error
    except (OSError, ValueError, TypeError) as error:
        raise InputError(f"{path}: damaged; {CURE}") from error
    if table.empty or not {*numbers, *texts} <= set(table):
        raise InputError(f"{path}: has no {', '.join((*numbers, *texts))}; {CURE}")
    return table


def write_frame(path: str, table: pd.DataFrame) -> None:
    """Write a data frame's columns as .csv, as `write_table` does; the index is not written."""
    write_table(path, table.columns, table.itertuples(index=False))
