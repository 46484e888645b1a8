from pathlib import Path

import pytest
import torch
from torch import Tensor

from lookingglass.errors import InputError
from lookingglass.gpt.model import GPT
from lookingglass.gpt.weights import dump_gpt, load_gpt
from lookingglass.tensors import dump_tensors
from tests.conftest import ROOT, Checkout


def test_round_trip(gpt: GPT, ids: Tensor, tmp_path: Path) -> None:
    data = dump_gpt(gpt)
    path = tmp_path / "gpt.safetensors"
    path.write_bytes(data)
    text = "The Queen encrypted a squirrel \U0001f43f"
    for loaded in (load_gpt(data), load_gpt(path), load_gpt(str(path))):
        assert torch.equal(loaded(ids[None, :16]), gpt(ids[None, :16]))
        assert torch.equal(loaded.encode(text), gpt.encode(text))
        assert loaded.decode(loaded.encode(text)) == text
        assert torch.equal(loaded.row, gpt.row)
        assert torch.equal(loaded.log_prior, gpt.log_prior)
        assert loaded.config == gpt.config
        assert not any(parameter.requires_grad for parameter in loaded.parameters())
        assert dump_gpt(loaded) == data


def test_loading_does_not_load_torchs_compiler() -> None:
    """It would take longer than everything else that a short command does."""
    code = (
        "import sys\n"
        "from lab.example import read_weights\n"
        "from lookingglass.diffusion.weights import load_denoiser\n"
        "from lookingglass.gpt.weights import load_gpt\n"
        "read_weights('models/gpt.safetensors', load_gpt)\n"
        "read_weights('models/conditional.safetensors', load_denoiser)\n"
        "print('torch' in sys.modules, 'torch._dynamo' in sys.modules)"
    )
    assert Checkout(ROOT).run("python", "-c", code).stdout == "True False\n"


def test_other_weights_are_refused(gpt: GPT) -> None:
    with pytest.raises(InputError, match=r"^the weights: not a GPT$"):
        load_gpt(dump_tensors("denoiser", {}, gpt.state_dict()))
    with pytest.raises(InputError, match=r"^the weights: not a GPT, or damaged$"):
        load_gpt(dump_tensors("GPT", {"n_head": 2}, gpt.state_dict()))
