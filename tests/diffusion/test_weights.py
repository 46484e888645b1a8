from pathlib import Path

import pytest
import torch

from lookingglass.diffusion.network import EdgeNetwork, PlainNetwork
from lookingglass.diffusion.schedule import ExponentialSchedule
from lookingglass.diffusion.weights import Network, dump_denoiser, load_denoiser
from lookingglass.errors import InputError
from lookingglass.tensors import dump_tensors


@pytest.fixture(params=["edge", "symmetric", "plain"])
def network(request: pytest.FixtureRequest) -> Network:
    schedule, generator = ExponentialSchedule(4.0), torch.Generator().manual_seed(0)
    if request.param == "plain":
        return PlainNetwork(schedule, width=8, layers=4, generator=generator)
    symmetric = request.param == "symmetric"
    return EdgeNetwork(
        schedule, data_std=0.5, width=8, layers=4, symmetric=symmetric, generator=generator
    ).eval()


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


def test_other_weights_are_refused(network: Network) -> None:
    with pytest.raises(InputError, match=r"^the weights: not a denoiser$"):
        load_denoiser(dump_tensors("GPT", {}, network.state_dict()))
    with pytest.raises(InputError, match=r"^the weights: not a denoiser, or damaged$"):
        load_denoiser(dump_tensors("denoiser", {"type": "EdgeNetwork"}, network.state_dict()))
