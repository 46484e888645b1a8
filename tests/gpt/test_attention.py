from copy import deepcopy

import pytest
import torch
from torch import Tensor
from torch.nn.functional import scaled_dot_product_attention

from lookingglass.gpt.attention import attention, centred, distance, entropy, mean_of_rows
from lookingglass.gpt.model import GPT


def inputs_and_outputs(gpt: GPT, ids: Tensor) -> list[tuple[Tensor, Tensor]]:
    """The inputs and outputs of each block's attention layer, in one forward pass."""
    seen: list[tuple[Tensor, Tensor]] = []
    hooks = [
        block.attn.register_forward_hook(
            lambda _, inputs, output: seen.append((inputs[0][0], output[0]))
        )
        for block in gpt.blocks
    ]
    gpt(ids[None])
    for hook in hooks:
        hook.remove()
    return seen


@pytest.mark.parametrize("block", [0, 1, 2, -1, -3])
def test_the_weights_are_those_that_the_model_used(gpt: GPT, ids: Tensor, block: int) -> None:
    """Compared with the layer's own output, an independent einsum, and torch's fused kernel."""
    x, output = inputs_and_outputs(gpt, ids[:12])[block]
    found = attention(gpt, ids[:12], block)
    layer = gpt.blocks[block].attn
    queries, keys, values = (part.view(12, 2, 12) for part in layer.qkv(x).split(24, dim=-1))

    scores = torch.einsum("ihd,jhd->hij", queries, keys) / 12**0.5
    below = torch.ones(12, 12).tril().bool()
    torch.testing.assert_close(found.scores[:, below], scores[:, below], rtol=0, atol=1e-5)
    assert (found.scores[:, ~below] == -torch.inf).all()
    exp = (scores - scores.amax()).exp() * below
    torch.testing.assert_close(found.weights, exp / exp.sum(-1, keepdim=True), rtol=0, atol=1e-6)

    gathered = torch.einsum("hij,jhd->ihd", found.weights, values)
    torch.testing.assert_close(layer.proj(gathered.flatten(1)), output, rtol=0, atol=1e-6)
    fused = scaled_dot_product_attention(
        *(part.transpose(0, 1) for part in (queries, keys, values)), is_causal=True
    )
    torch.testing.assert_close(gathered, fused.transpose(0, 1), rtol=0, atol=1e-6)
    assert float(found.weights[:, -1].std()) > 1e-3, "uniform weights would prove nothing"


def test_asking_for_the_attention_changes_nothing(gpt: GPT, ids: Tensor) -> None:
    attentions: list[tuple[Tensor, Tensor]] = []
    assert torch.equal(gpt(ids[None, :12], attentions=attentions), gpt(ids[None, :12]))
    assert [weights.shape for _, weights in attentions] == [(1, 2, 12, 12)] * 3


def test_with_a_cache_the_rows_are_those_of_the_new_tokens(gpt: GPT, ids: Tensor) -> None:
    kv_cache, attentions = gpt.new_kv_cache(), []
    gpt(ids[None, :9], kv_cache=kv_cache)
    gpt(ids[None, 9:12], kv_cache=kv_cache, attentions=attentions)
    whole = attention(gpt, ids[:12], -1)
    torch.testing.assert_close(attentions[-1][1][0], whole.weights[:, 9:], rtol=0, atol=1e-5)


def test_centred_scores_are_all_that_the_softmax_depends_on(gpt: GPT, ids: Tensor) -> None:
    """A key bias shifts rows of scores and changes nothing else; centring removes it."""
    other = deepcopy(gpt)
    for block in other.blocks:
        block.attn.qkv.bias[24:48] += 3
    found, moved = attention(gpt, ids[:12], -1), attention(other, ids[:12], -1)
    torch.testing.assert_close(gpt(ids[None, :12]), other(ids[None, :12]), rtol=0, atol=1e-4)
    row = found.scores[:, -1].sum(-1)
    assert (row - moved.scores[:, -1].sum(-1)).abs().min() > 1
    torch.testing.assert_close(moved.weights, found.weights, rtol=0, atol=1e-5)
    plain = centred(found.scores)
    torch.testing.assert_close(centred(moved.scores), plain, rtol=0, atol=1e-5)
    torch.testing.assert_close(plain.softmax(-1), found.weights, rtol=0, atol=1e-6)
    assert plain[:, -1].sum(-1).tolist() == pytest.approx([0, 0], abs=1e-4)


def test_the_mean_of_rows_is_over_those_that_see_a_token() -> None:
    inf = torch.inf
    rows = torch.tensor([[1.0, 3.0, -inf], [5.0, 1.0, 4.0]])
    assert mean_of_rows(rows).tolist() == [3, 2, 4]


def test_entropy_and_distance() -> None:
    even = torch.ones(6, 6, dtype=torch.float64).tril()
    even /= even.sum(-1, keepdim=True)
    assert entropy(even).tolist() == pytest.approx(torch.arange(1.0, 7).log().tolist())
    assert distance(even).tolist() == pytest.approx([1, 1.5, 2, 2.5, 3, 3.5])
    assert entropy(torch.eye(6)).tolist() == [0] * 6
    assert distance(torch.eye(6)).tolist() == [1] * 6
    first = torch.zeros(6, 6)
    first[:, 0] = 1
    assert distance(first).tolist() == [1, 2, 3, 4, 5, 6]
