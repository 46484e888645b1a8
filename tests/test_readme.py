"""What the README shows as Python runs as it stands."""

import re

import numpy as np
import pytest

from tests.conftest import ROOT, Checkout

BLOCKS = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.S)


@pytest.mark.pipeline
def test_python_in_the_readme(clone: Checkout) -> None:
    assert len(BLOCKS) == 3
    clone.run("dvc", "checkout", "models/diffusion.safetensors", "models/gpt.safetensors")
    ring = np.random.default_rng(0).normal(size=(300, 2))
    ring /= np.linalg.norm(ring, axis=1, keepdims=True)
    np.savetxt(clone.path / "points.csv", ring, delimiter=",")
    for block in BLOCKS:
        printed = clone.run("python", "-c", block).stdout
        assert printed
        assert "nan" not in printed
    assert len(printed.split()) > 20  # the GPT's words, and their log-probability
