"""What the benchmark of GPT-2 small counts."""

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from benchmarks.gpt2_small import NANOGPT, SMALL, flops_per_token, utilisation
from lookingglass.gpt.model import GPT, Config
from lookingglass.gpt.vocabulary import Vocabulary, full


def test_operations_are_those_that_torch_counts(vocabulary: Vocabulary) -> None:
    config = Config(block_size=32, n_layer=3, n_head=2, n_embd=64)
    gpt = GPT(config, vocabulary, torch.Generator().manual_seed(0))
    rows = torch.randint(vocabulary.rows, (2, 32), generator=torch.Generator().manual_seed(0))
    with FlopCounterMode(display=False) as counter:
        gpt(embeddings=gpt.token_embedding(rows)).sum().backward()
    counted = counter.get_total_flops() / rows.numel()
    assert counted == pytest.approx(flops_per_token(gpt), rel=0.03)  # it leaves out vectors


def test_the_published_figure(table: bytes) -> None:
    """What nanoGPT's README comes to: 107,000 tokens a second, 29 % of an A100."""
    gpt = GPT(SMALL, full(table))
    assert sum(weight.numel() for weight in gpt.parameters()) == pytest.approx(124.4e6, rel=1e-3)
    assert pytest.approx(107e3, rel=0.01) == NANOGPT
    assert utilisation(NANOGPT * flops_per_token(gpt), "NVIDIA A100-SXM4-40GB") == "29%"
    assert utilisation(494.5e12, "NVIDIA H100 80GB HBM3") == utilisation(378e12, "NVIDIA H100 PCIe")
    assert utilisation(1e12, "another card") == ""
