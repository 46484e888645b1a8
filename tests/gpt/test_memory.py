"""Memory does not grow with the length of the text times the vocabulary."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from lookingglass.gpt import model
from lookingglass.gpt.model import GPT
from lookingglass.gpt.scoring import log_prob
from lookingglass.gpt.training import block_loss
from tests.conftest import ROOT

resource = pytest.importorskip("resource", reason="needs Unix's memory accounting")

# 6400 positions and 50,257 rows: all logits at once would take 1.3 GB, their softmax the same
SCRIPT = """\
import json, resource, sys, torch
from lookingglass.gpt.model import GPT, Config
from lookingglass.gpt.scoring import log_prob
from lookingglass.gpt.training import block_loss
from lookingglass.gpt.vocabulary import full
torch.set_num_threads(1)
gpt = GPT(Config(64, 1, 1, 8), full(open(sys.argv[1], "rb").read()), torch.Generator())
ids = torch.arange(6401)
def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
before = peak()
log_prob(gpt, ids, stride=64), block_loss(gpt, ids)
grown = peak() - before
print(json.dumps(grown / (1 << 20 if sys.platform == "darwin" else 1 << 10)))
"""


def test_scoring_a_long_text(downloads: Path) -> None:
    table = downloads / "gpt2.tiktoken"
    command = [sys.executable, "-c", SCRIPT, str(table)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
    assert json.loads(done.stdout) < 700  # MB


def test_parts_score_as_the_whole(gpt: GPT, monkeypatch: pytest.MonkeyPatch) -> None:
    size = gpt.config.block_size
    ids = torch.randint(50257, (5 * size + 3,), generator=torch.Generator().manual_seed(0))
    whole = log_prob(gpt, ids, stride=2), block_loss(gpt, ids)
    monkeypatch.setattr(model, "MAX_NUMEL", 1)  # a window at a time
    torch.testing.assert_close(log_prob(gpt, ids, stride=2), whole[0])
    assert block_loss(gpt, ids) == pytest.approx(whole[1], rel=1e-6)


def test_windows_with_few_scored_tokens(gpt: GPT, monkeypatch: pytest.MonkeyPatch) -> None:
    """Activations are bounded, too, even where there are few logits."""
    batches: list[int] = []
    gpt.register_forward_pre_hook(lambda _, inputs: batches.append(len(inputs[0])))
    monkeypatch.setattr(model, "MAX_NUMEL", 40 * gpt.config.block_size * 4 * gpt.config.n_embd)
    ids = torch.randint(50257, (300,), generator=torch.Generator().manual_seed(0))
    log_prob(gpt, ids, stride=1)
    assert 1 < max(batches) <= 40
