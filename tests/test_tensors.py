import random
from pathlib import Path

import pytest
import safetensors.torch
import torch

from lookingglass.errors import InputError
from lookingglass.tensors import dump_tensors, load_tensors

TENSORS = {
    "a": torch.arange(12.0).reshape(3, 4),
    "b": torch.tensor(7),
    "c": torch.zeros(0, 2, dtype=torch.float64),
}
CONFIG = {"x": 1, "y": [0.1, "text"], "z": None}


def test_round_trip(tmp_path: Path) -> None:
    data = dump_tensors("thing", CONFIG, TENSORS)
    assert dump_tensors("thing", CONFIG, dict(reversed(TENSORS.items()))) == data
    path = tmp_path / "thing.safetensors"
    path.write_bytes(data)
    for source in (data, path, str(path)):
        config, tensors = load_tensors("thing", source)
        assert config == CONFIG
        assert tensors.keys() == TENSORS.keys()
        assert all(torch.equal(tensors[name], TENSORS[name]) for name in TENSORS)


def test_damage_is_noticed() -> None:
    data = dump_tensors("thing", CONFIG, TENSORS)
    chance = random.Random(0)
    damages = [b"", data[:4], data[:100], data[:-1], data + b"\0", b"\x80\x04N." * 100]
    for position in chance.sample(range(len(data)), 200):
        flipped = bytearray(data)
        flipped[position] ^= 1 << chance.randrange(8)
        damages.append(bytes(flipped))
    for damaged in damages:
        with pytest.raises(InputError, match=r"^the weights: [^\n]*damaged[^\n]*$"):
            load_tensors("thing", damaged)


def test_other_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.safetensors"
    path.write_bytes(safetensors.torch.save({"a": torch.zeros(3)}))
    with pytest.raises(InputError, match=r"other\.safetensors: not a thing, or damaged$"):
        load_tensors("thing", path)
    path.write_bytes(dump_tensors("other", CONFIG, TENSORS))
    with pytest.raises(InputError, match=r"other\.safetensors: not a thing$"):
        load_tensors("thing", path)
    with pytest.raises(InputError, match="No such file"):
        load_tensors("thing", tmp_path / "none.safetensors")
