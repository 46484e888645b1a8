import pytest
import torch
from torch import Tensor

from lookingglass.gpt.model import GPT, Config, Dropout
from lookingglass.gpt.vocabulary import SIZE, Vocabulary


@pytest.fixture
def text(ids: Tensor) -> Tensor:
    return ids[:16][None]


def test_shapes(gpt: GPT, text: Tensor) -> None:
    assert gpt(text).shape == (1, 16, gpt.vocabulary.rows)
    x = gpt.token_embedding(gpt.row[text])
    assert torch.equal(gpt(embeddings=x), gpt(text))


def test_the_future_does_not_matter_and_the_past_does(gpt: GPT, text: Tensor) -> None:
    other = text.clone()
    other[0, 7] = text[0, 0]
    same, changed = gpt(text), gpt(other)
    assert torch.equal(same[0, :7], changed[0, :7])
    assert (same[0, 7:] != changed[0, 7:]).any(dim=-1).all()


def test_position_matters(gpt: GPT, text: Tensor) -> None:
    again = text[:, :1].expand(1, 2)
    logits = gpt(again)
    assert not torch.allclose(logits[0, 0], logits[0, 1], atol=1e-3)


@pytest.mark.parametrize("cuts", [[1] * 16, [10, 6], [3, 1, 12]])
def test_cached_is_uncached(gpt: GPT, text: Tensor, cuts: list[int]) -> None:
    kv_cache = gpt.new_kv_cache()
    logits = torch.cat([gpt(part, kv_cache=kv_cache) for part in text.split(cuts, dim=1)], dim=1)
    torch.testing.assert_close(logits, gpt(text), rtol=0, atol=1e-5)
    assert [block.time for block in kv_cache] == [16] * 3


def test_the_last_logits(gpt: GPT, text: Tensor) -> None:
    torch.testing.assert_close(gpt(text, last=3), gpt(text)[:, -3:], rtol=0, atol=1e-5)


def test_more_than_the_block_is_refused(gpt: GPT, ids: Tensor) -> None:
    with pytest.raises(ValueError, match="17 tokens; there are positions for 16"):
        gpt(ids[None, :17])
    kv_cache = gpt.new_kv_cache()
    gpt(ids[None, :16], kv_cache=kv_cache)
    with pytest.raises(ValueError, match="17 tokens"):
        gpt(ids[None, 16:17], kv_cache=kv_cache)


def test_dropout(vocabulary: Vocabulary, text: Tensor) -> None:
    """Zeroes a fraction p of the numbers and keeps the mean, in training only."""
    dropout, x = Dropout(0.3), torch.ones(1000, 333)
    dropout.generator = torch.Generator().manual_seed(0)
    y = dropout(x)
    assert float((y == 0).double().mean()) == pytest.approx(0.3, abs=0.004)
    assert y.unique().tolist() == pytest.approx([0, 1 / 0.7])
    assert dropout(x.bfloat16()).dtype == torch.bfloat16
    assert dropout.eval()(x) is x

    config = Config(block_size=16, n_layer=1, n_head=2, n_embd=16, dropout=0.3)
    gpt = GPT(config, vocabulary, torch.Generator().manual_seed(0)).requires_grad_(False)

    def logits(seed: int) -> Tensor:
        gpt.dropout.generator = torch.Generator().manual_seed(seed)
        return gpt(text)

    assert torch.equal(logits(1), logits(1))
    assert not torch.equal(logits(1), logits(2))
    gpt.eval()
    assert torch.equal(logits(1), logits(2))


def test_probabilities_of_all_tokens_sum_to_one(gpt: GPT, text: Tensor) -> None:
    logits = gpt(text)[:, -1:].expand(1, SIZE, -1)
    log_probs = gpt.log_probs(logits, torch.arange(SIZE)[None])
    assert float(log_probs.double().exp().sum()) == pytest.approx(1, abs=1e-6)


def test_the_same_seed_gives_the_same_weights(vocabulary: Vocabulary) -> None:
    def made(seed: int) -> GPT:
        config = Config(block_size=8, n_layer=1, n_head=1, n_embd=8)
        return GPT(config, vocabulary, torch.Generator().manual_seed(seed))

    before = torch.get_rng_state()
    first, again, other = (dict(made(seed).named_parameters()) for seed in (0, 0, 1))
    assert torch.equal(torch.get_rng_state(), before), "the global generator was used"
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert not torch.equal(first["token_embedding.weight"], other["token_embedding.weight"])


def test_weights_start_as_gpt2s(vocabulary: Vocabulary) -> None:
    gpt = GPT(Config(), vocabulary, torch.Generator().manual_seed(0)).requires_grad_(False)
    block = gpt.blocks[0]
    assert float(gpt.position_embedding.weight.std()) == pytest.approx(0.02, rel=0.02)
    assert float(block.mlp.fc.weight.std()) == pytest.approx(0.02, rel=0.02)
    assert float(block.mlp.proj.weight.std()) == pytest.approx(0.02 / 8**0.5, rel=0.02)
    assert (block.ln_1.weight == 1).all()
    assert not block.attn.qkv.bias.any()


def test_heads_must_divide_the_width() -> None:
    with pytest.raises(ValueError, match="n_embd = 10: must be a multiple of n_head, 4"):
        Config(n_embd=10)
