"""GPT-2's real table of byte pairs, some text, and small models."""

from pathlib import Path

import pytest
import torch

from lookingglass.gpt.model import GPT, Config
from lookingglass.gpt.vocabulary import Vocabulary, compact, encoding

TEXT = """The Queen of Hearts, she made some tarts, all on a summer day: The Knave of Hearts, he
stole those tarts, and took them quite away! "Consider your verdict," the King said to the jury.
"Not yet, not yet!" the Rabbit hastily interrupted. "There's a great deal to come before that!"
"""


@pytest.fixture(scope="session")
def table(downloads: Path) -> bytes:
    return (downloads / "gpt2.tiktoken").read_bytes()


@pytest.fixture(scope="session")
def ids(table: bytes) -> torch.Tensor:
    return torch.tensor(encoding(table).encode_ordinary(TEXT))


@pytest.fixture(scope="session")
def vocabulary(table: bytes, ids: torch.Tensor) -> Vocabulary:
    return compact(table, ids, ids[:0])


@pytest.fixture
def gpt(vocabulary: Vocabulary) -> GPT:
    """Random weights, ten times the usual initial scale, so that the logits are far from equal."""
    model = GPT(
        Config(block_size=16, n_layer=3, n_head=2, n_embd=24),
        vocabulary,
        torch.Generator().manual_seed(0),
    )
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.ndim == 2:
                parameter *= 10
    return model.requires_grad_(False).eval()
