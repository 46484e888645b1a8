import random
from pathlib import Path

import pytest
import safetensors.torch
import torch

from lookingglass.diffusion.network import EdgeNetwork
from lookingglass.diffusion.plain import PlainNetwork
from lookingglass.diffusion.schedule import ExponentialSchedule
from lookingglass.diffusion.weights import Network, dump_denoiser, load_denoiser
from lookingglass.errors import InputError


@pytest.fixture(params=["edge", "plain"])
def network(request: pytest.FixtureRequest) -> Network:
    schedule, generator = ExponentialSchedule(4.0), torch.Generator().manual_seed(0)
    if request.param == "plain":
        return PlainNetwork(schedule, width=8, layers=4, generator=generator)
    return EdgeNetwork(schedule, data_std=0.5, width=8, layers=4, generator=generator)


def test_round_trip(network: Network, tmp_path: Path) -> None:
    data = dump_denoiser(network)
    path = tmp_path / "denoiser.safetensors"
    path.write_bytes(data)
    x = torch.randn(10, 2, generator=torch.Generator().manual_seed(1))
    for loaded in (load_denoiser(data), load_denoiser(path), load_denoiser(str(path))):
        assert type(loaded) is type(network)
        assert torch.equal(loaded(x, 0.3), network(x, 0.3))
        assert loaded.schedule == network.schedule
        assert not any(parameter.requires_grad for parameter in loaded.parameters())
        assert dump_denoiser(loaded) == data


def test_damage_is_noticed(network: Network) -> None:
    data = dump_denoiser(network)
    chance = random.Random(0)
    damages = [b"", data[:4], data[:100], data[:-1], data + b"\0", b"\x80\x04N." * 100]
    for position in chance.sample(range(len(data)), 200):
        flipped = bytearray(data)
        flipped[position] ^= 1 << chance.randrange(8)
        damages.append(bytes(flipped))
    for damaged in damages:
        with pytest.raises(InputError, match=r"^the weights: [^\n]*damaged[^\n]*$"):
            load_denoiser(damaged)


def test_other_weights_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.safetensors"
    path.write_bytes(safetensors.torch.save({"a": torch.zeros(3)}))
    with pytest.raises(InputError, match=r"other\.safetensors: not the weights of a denoiser"):
        load_denoiser(path)


def test_a_missing_file_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No such file"):
        load_denoiser(tmp_path / "none.safetensors")
