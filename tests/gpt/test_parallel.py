"""Data-parallel training in three real processes, beside the same training in one."""

import json
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from lookingglass.gpt.training import train
from tests.conftest import ROOT, Checkout
from tests.gpt.in_parallel import HALF, RECIPE, STEPS, begun, text, trained

Tensors = dict[str, torch.Tensor]


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory, downloads: Path) -> Path:
    """What three processes have written."""
    out = tmp_path_factory.mktemp("three")
    torchrun = (sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=3")
    script = ("-m", "tests.gpt.in_parallel", str(downloads / "gpt2.tiktoken"), str(out))
    Checkout(ROOT).run(*torchrun, *script, OMP_NUM_THREADS="1")
    return out


def read(three: Path, name: str) -> Tensors:
    return load_file(three / f"{name}.safetensors")


def assert_close(found: Tensors, expected: Tensors, atol: float) -> None:
    assert found.keys() == expected.keys()
    for name, tensor in found.items():
        torch.testing.assert_close(tensor, expected[name], atol=atol, rtol=0)


def test_what_processes_tell_each_other(three: Path) -> None:
    said = json.loads((three / "said.json").read_text())
    assert said["ranks"] == [0, 1, 2]
    assert said["first"] == {"rank": 0}
    assert said["average"] == [[1, 1, 1], [1, 1, 1]]
    assert said["same"], "the processes ended with different weights"


def test_gradients_are_those_of_the_whole_batch(three: Path, table: bytes) -> None:
    """Of a third of the windows each; without dropout, only rounding differs."""
    whole = trained(begun(table, 0.0, sgd=True))
    assert_close(read(three, "sgd"), whole, atol=1e-6)
    assert_close(read(three, "accumulated"), whole, atol=1e-6)
    assert_close(trained(begun(table, 0.0, sgd=True), accumulate=3), whole, atol=1e-6)


def test_resumed_is_the_same(three: Path) -> None:
    whole, resumed = read(three, "dropout"), read(three, "resumed")
    assert whole.keys() == resumed.keys()
    for name, tensor in whole.items():
        assert torch.equal(tensor, resumed[name]), name


def test_each_process_draws_its_own(three: Path, table: bytes) -> None:
    """Windows, which its loss shows, and dropout, of which the first has what one alone has."""
    said = json.loads((three / "said.json").read_text())
    assert len(set(said["losses"])) == 3
    assert len(set(said["dropouts"])) == 3
    training = begun(table, 0.2)
    next(train(training, text(), steps=STEPS, **RECIPE))
    assert training.gpt.dropout.generator.initial_seed() == said["dropouts"][0]


def test_another_number_of_processes_goes_on(three: Path, table: bytes) -> None:
    """One process takes the second half of the steps."""
    training = begun(table, 0.0, sgd=True)
    training.restore(HALF, [], read(three, "half"))
    assert_close(trained(training), trained(begun(table, 0.0, sgd=True)), atol=1e-6)
