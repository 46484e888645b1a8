"""The shipped GPT in Python, to which the page's is compared."""

from collections.abc import Sequence
from copy import deepcopy

import pytest

from lab.example import read_weights
from lookingglass.gpt.model import GPT
from lookingglass.gpt.weights import load_gpt


@pytest.fixture(scope="session")
def original() -> GPT:
    return read_weights("models/gpt.safetensors", load_gpt)


def without(gpt: GPT, silenced: Sequence[Sequence[int]]) -> GPT:
    """A copy with heads silenced: their columns in the projection are 0."""
    copy, width = deepcopy(gpt), gpt.config.n_embd // gpt.config.n_head
    for block, head in silenced:
        weight = copy.get_parameter(f"blocks.{block}.attn.proj.weight")
        weight[:, head * width : (head + 1) * width] = 0
    return copy
