import errno
import hashlib
import json
import random
from pathlib import Path

import numpy as np
import pytest

from lab.core.artifacts import (
    read_arrays,
    read_metrics,
    write_arrays,
    write_bytes,
    write_metrics,
    write_table,
)
from lookingglass.errors import InputError


def test_arrays_round_trip_with_the_same_bytes(tmp_path: Path) -> None:
    first, second = tmp_path / "new" / "a.npz", tmp_path / "b.npz"
    for path in (first, second):
        write_arrays(path, points=np.arange(6.0).reshape(3, 2), seeds=[1, 2])
    assert first.read_bytes() == second.read_bytes()
    arrays = read_arrays(first)
    assert arrays["points"].tolist() == [[0, 1], [2, 3], [4, 5]]
    assert arrays["seeds"].tolist() == [1, 2]


def test_arrays_have_the_same_bytes_everywhere(tmp_path: Path) -> None:
    """In every version of Python, on every system, whatever an array's memory order."""
    array = np.arange(6.0).reshape(2, 3)
    for name, each in (("c", array), ("fortran", np.asfortranarray(array))):
        write_arrays(tmp_path / name, array=each, text=np.array(["愛", "b"]), number=np.array(3))
        digest = hashlib.sha256((tmp_path / name).read_bytes()).hexdigest()
        assert digest == ("2b2986fb35678125fa2fc4f6971dce767d4faf0b75f98b064f73d48297ee3c88")


def test_a_failed_write_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.json"
    write_bytes(path, b"old")

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(InputError, match=r"a.json: cannot be written: No space left"):
        write_bytes(path, b"new")
    assert [(file.name, file.read_bytes()) for file in tmp_path.iterdir()] == [("a.json", b"old")]


def test_metrics_are_rounded(tmp_path: Path) -> None:
    path = tmp_path / "metrics.json"
    write_metrics(path, {"loss": 0.82731664331, "tiny": 1.23456789e-9, "n": 12345678, "text": "a"})
    expected = {"loss": 0.827317, "tiny": 1.23457e-09, "n": 12345678, "text": "a"}
    assert json.loads(path.read_text()) == expected == read_metrics(path)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_metric_must_be_finite(tmp_path: Path, value: float) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_metrics(tmp_path / "metrics.json", {"loss": value})
    assert not list(tmp_path.iterdir())


def test_table(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    write_table(path, ["step", "loss"], [(1, 1 / 3), (2, 1e-12)])
    assert path.read_bytes() == b"step,loss\n1,0.333333\n2,1e-12\n"


@pytest.mark.parametrize("read", [read_arrays, read_metrics])
def test_what_cannot_be_read_is_one_line(tmp_path: Path, read) -> None:
    path = tmp_path / "file"
    with pytest.raises(InputError, match=r"not there; 'dvc repro' makes it$"):
        read(path)
    np.savez(tmp_path / "whole.npz", a=np.arange(1000))
    whole = (tmp_path / "whole.npz").read_bytes()
    for damaged in (b"", b"{", whole[:500], whole[500:1500], b"PK\x03\x04" + bytes(50)):
        path.write_bytes(damaged)
        with pytest.raises(InputError, match="damaged; delete it"):
            read(path)


def test_damaged_arrays_never_give_other_numbers(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    write_arrays(path, a=np.arange(50.0), b=np.arange(3))
    whole, chance, noticed = path.read_bytes(), random.Random(0), 0
    for position in chance.sample(range(len(whole)), 300):
        damaged = bytearray(whole)
        damaged[position] ^= 1 << chance.randrange(8)
        path.write_bytes(damaged)
        try:
            arrays = read_arrays(path)
            a, b = arrays["a"], arrays["b"]
        except InputError:
            noticed += 1
        else:  # a byte that carries no content, such as a date
            assert a.tolist() == list(range(50))
            assert b.tolist() == list(range(3))
    assert noticed > 200


def test_pickled_objects_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "objects.npz"
    np.savez(path, a=np.array([{"run": "me"}], dtype=object), allow_pickle=True)
    with pytest.raises(InputError, match="damaged"):
        read_arrays(path)
