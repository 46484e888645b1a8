"""The whole second half on texts of other sizes and in other languages (small parameters)."""

import importlib.metadata
import json
import random

import pytest

from tests.conftest import Checkout
from tests.test_dependencies import stages

GPT_STAGES = [
    module
    for name, stage in stages().items()
    if (module := stage["cmd"].removeprefix("python -m ")).startswith("stages.gpt.")
    or name in {"fig_gpt_loss", "fig_logprob"}
]


def greek() -> str:
    """Made sentences; of most letters GPT-2 has a token, of hardly any word."""
    text = "η Αλίκη ο λαγός και το βιβλίο δεν είχε εικόνες ούτε συνομιλίες μέσα στον κήπο"
    draw = random.Random(0)
    lines = [" ".join(draw.choices(text.split(), k=draw.randint(4, 12))) for _ in range(60)]
    return ".\n".join(line.capitalize() for line in lines) + "."


def licence() -> str:
    """NumPy's, which comes with the package: 47 kB of lawyers' English."""
    files = importlib.metadata.files("numpy") or []
    return next(f for f in files if f.name == "LICENSE.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("text", [greek(), licence()], ids=["greek", "licence"])
@pytest.mark.pipeline
def test_another_text(small: Checkout, text: str) -> None:
    (small.path / "own.txt").write_text(text, encoding="utf-8")
    small.set("corpus.file", "own.txt")
    small.remake(*GPT_STAGES)
    assert (small.path / "data" / "alice.txt").read_text(encoding="utf-8") == text.strip() + "\n"
    losses = json.loads((small.path / "metrics" / "evaluate_gpt.json").read_text())
    assert (
        0 < losses["mixture_loss"] <= losses["loss"] < 11
    )  # nats; the uniform distribution's is 10.8
    assert (small.path / "data" / "generated.txt").read_text(encoding="utf-8")
