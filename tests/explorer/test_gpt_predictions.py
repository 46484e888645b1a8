"""The explorer's GPT predicts, draws and attends as the library's does."""

import numpy as np
import pytest
import torch

from lookingglass.gpt.attention import attention
from lookingglass.gpt.generation import draws, next_probs
from lookingglass.gpt.model import GPT
from tests.explorer.gpt_in_node import JS, PROMPT, needs_node, random_ids

pytestmark = needs_node


def test_log_probs_of_random_ids(gpt: GPT, original: GPT, js: JS) -> None:
    ids = random_ids(1000, 10)
    found = torch.tensor(js("ids.map((row) => gpt.logProbs(row))", ids=ids.tolist()))
    torch.testing.assert_close(found, gpt.score(ids), rtol=0, atol=1e-4)
    torch.testing.assert_close(found, original.score(ids), rtol=1e-3, atol=0)


def test_log_probs_of_the_book(gpt: GPT, original: GPT, training: torch.Tensor, js: JS) -> None:
    size = gpt.config.block_size
    ids = training[: 20 * (size + 1)].view(20, size + 1)
    found = torch.tensor(js("ids.map((row) => gpt.logProbs(row))", ids=ids.tolist()))
    torch.testing.assert_close(found, gpt.score(ids), rtol=0, atol=1e-4)
    # where p is near 1, log p is near 0: there the error is relative to a nat
    torch.testing.assert_close(found, original.score(ids), rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize(
    ("temperature", "top_k"),
    [(1.0, None), (0.0, None), (0.5, 40), (2.0, 1), (1e-3, None), (1.0, 60_000)],
)
def test_next(gpt: GPT, js: JS, temperature: float, top_k: int | None) -> None:
    ids = gpt.encode(PROMPT)
    options = {"temperature": temperature, "topK": top_k}
    found = torch.tensor(
        js("gpt.next(ids, options)", ids=ids.tolist(), options=options), dtype=torch.float64
    )
    expected = next_probs(gpt, gpt(ids[None])[0, -1], temperature, top_k)
    assert torch.equal(found > 0, expected > 0)
    # logits of some 20 are rounded to 2e-6 in float32, and the temperature divides them
    rtol = max(1e-4, 2e-6 / temperature) if temperature else 1e-4
    torch.testing.assert_close(found, expected, rtol=rtol, atol=1e-300)


def test_drawn_tokens_far_beyond_the_block(gpt: GPT, js: JS) -> None:
    """As `draws` does for the same uniform numbers, with undone steps between."""
    prompt, count = gpt.encode(PROMPT), 150
    generated = draws(gpt, prompt, top_k=50, generator=torch.Generator().manual_seed(0))
    expected = [next(generated)[0] for _ in range(count)]
    generator = torch.Generator().manual_seed(0)
    u = [float(torch.rand(1, dtype=torch.float64, generator=generator)) for _ in range(count)]
    step = """u.reduce((ids, u) => {
      gpt.next([...ids.slice(0, -2), 0]);
      return [...ids, gpt.draw(gpt.next(ids, { topK: 50 }), u)];
    }, ids)"""
    assert js(step, ids=prompt.tolist(), u=u)[len(prompt) :] == expected


@pytest.mark.parametrize("block", [0, -1])
def test_attention(gpt: GPT, js: JS, block: int) -> None:
    ids = gpt.encode(PROMPT)
    found = js("gpt.attention(ids, block)", ids=ids.tolist(), block=block)
    expected = attention(gpt, ids, block)
    # JSON has no infinity
    scores = torch.tensor(np.array(found["scores"], dtype=np.float32)).nan_to_num(-torch.inf)
    torch.testing.assert_close(scores, expected.scores, rtol=0, atol=1e-4)
    torch.testing.assert_close(torch.tensor(found["weights"]), expected.weights, rtol=0, atol=1e-5)
