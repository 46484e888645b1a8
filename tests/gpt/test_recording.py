"""The recording of one restart's vectors, from a small GPT with random weights."""

from typing import Any

import pytest
import torch
from torch import Tensor

from lookingglass.gpt.inversion import Inversion, invert, iterate, produced
from lookingglass.gpt.model import GPT
from lookingglass.gpt.recording import quickest, record, worth_recording


def options(**changes: Any) -> dict[str, Any]:
    generator = torch.Generator().manual_seed(0)
    return {"restarts": 3, "steps": 80, "learning_rate": 0.1, "generator": generator} | changes


def test_the_vectors_are_those_of_the_inversion(gpt: GPT, ids: Tensor) -> None:
    """They produce as many tokens as the inversion says, with its losses."""
    target = ids[:6]
    found = invert(gpt, target, **options())
    recording = record(iterate(gpt, target, **options()), found)
    assert recording.vectors.shape == (len(recording.steps), 6, 24)
    vectors = recording.vectors.float()
    rows = recording.steps, torch.tensor(recording.restart)
    matches = (produced(gpt, embeddings=vectors) == target).sum(dim=1)
    assert matches.unique().numel() > 2, "hardly anything happens: little is tested"
    assert (matches - found.matches[rows]).abs().max() <= 1  # rounded to float16
    assert matches[-1] == 6
    loss = -gpt.log_probs(gpt(embeddings=vectors), target.expand(len(vectors), -1)).mean(dim=1)
    torch.testing.assert_close(loss, found.losses[rows], rtol=0.01, atol=0.01)


def test_the_first_restart_with_the_most_matches_is_recorded() -> None:
    matches = torch.tensor([[0, 1, 0, 2], [2, 1, 0, 1], [2, 2, 2, 0], [1, 3, 3, 0]])
    found = Inversion(torch.zeros(4, 1, 1), matches, torch.zeros(4, 4))
    assert quickest(found) == 1
    found = Inversion(torch.zeros(4, 1, 1), matches[:3], torch.zeros(3, 4))
    assert quickest(found) == 3


def test_changes_are_recorded_and_fewer_of_the_others() -> None:
    matches = torch.zeros(301, dtype=torch.int64)
    matches[129:] = 1
    matches[200] = 0
    steps = set(worth_recording(matches))
    assert set(range(17)) | {128, 129, 199, 200, 201, 300} <= steps
    assert len(steps) < 75
    assert len([step for step in steps if step > 201]) < 10
    assert list(worth_recording(torch.zeros(1, dtype=torch.int64))) == [0, 0]


def test_what_float16_cannot_hold_is_left_out(gpt: GPT, ids: Tensor) -> None:
    target = ids[:6]
    recipe = {"steps": 5, "learning_rate": 3e4}
    found = invert(gpt, target, **options(**recipe))
    recording = record(iterate(gpt, target, **options(**recipe)), found)
    assert recording.vectors.isfinite().all()
    assert recording.steps[0] == 0
    assert len(recording.steps) < 5


def test_the_vectors_of_an_iteration_take_part_in_no_gradient(gpt: GPT, ids: Tensor) -> None:
    for now in iterate(gpt, ids[:6], **options(steps=2)):
        assert torch.is_grad_enabled()
        assert not now.vectors.requires_grad
        assert not now.losses.requires_grad


@pytest.mark.parametrize("length", [0, 17])
def test_what_cannot_be_inverted(gpt: GPT, ids: Tensor, length: int) -> None:
    with pytest.raises(ValueError, match=f"{length} tokens: must be from 1 to 16"):
        next(iterate(gpt, ids[:length], **options()))
