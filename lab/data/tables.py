"""Tables that stages wrote, for figures."""

import io
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from lookingglass.errors import InputError

CURE = "delete it, then 'dvc repro' makes it again"


def read_table(path: str, numbers: Sequence[str], texts: Sequence[str] = ()) -> pd.DataFrame:
    """A .csv with these columns of numbers, and of texts, which may look like numbers.

    Other columns, of numbers, may be there, too. Raises InputError if it is missing or damaged.
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
