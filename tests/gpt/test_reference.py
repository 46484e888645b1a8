"""Our GPT-2 against the reference implementation, with the same random weights."""

from itertools import islice

import pytest
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy
from transformers import GPT2Config, GPT2LMHeadModel

from lookingglass.gpt.generation import generate
from lookingglass.gpt.model import GPT, Config
from lookingglass.gpt.vocabulary import SIZE, full

CONFIG = Config(block_size=32, n_layer=3, n_head=4, n_embd=48)


@pytest.fixture(scope="module")
def reference() -> GPT2LMHeadModel:
    """All weights random, biases and gains included, and large enough to matter."""
    model = GPT2LMHeadModel(
        GPT2Config(
            vocab_size=SIZE,
            n_positions=CONFIG.block_size,
            n_embd=CONFIG.n_embd,
            n_layer=CONFIG.n_layer,
            n_head=CONFIG.n_head,
        )
    ).eval()
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            noise = torch.randn(parameter.shape, generator=generator)
            is_gain = "ln_" in name and name.endswith("weight")
            parameter.copy_(1 + 0.3 * noise if is_gain else 0.2 * noise)
    return model


def names(block: int) -> dict[str, str]:
    """Our names of a block's layers, and the reference's."""
    ours = {
        "ln_1": "ln_1", "attn.qkv": "attn.c_attn", "attn.proj": "attn.c_proj",
        "ln_2": "ln_2", "mlp.fc": "mlp.c_fc", "mlp.proj": "mlp.c_proj",
    }  # fmt: skip
    return {f"blocks.{block}.{a}": f"transformer.h.{block}.{b}" for a, b in ours.items()}


@pytest.fixture(scope="module")
def gpt(reference: GPT2LMHeadModel, table: bytes) -> GPT:
    """Ours, with the reference's weights; its head has no bias."""
    theirs = reference.state_dict()
    layers = {"ln_f": "transformer.ln_f"}
    for block in range(CONFIG.n_layer):
        layers |= names(block)
    weights = {
        "head_bias": torch.zeros(SIZE),
        "token_embedding.weight": theirs["transformer.wte.weight"],
        "position_embedding.weight": theirs["transformer.wpe.weight"],
    }
    for ours, their in layers.items():
        matrix = theirs[f"{their}.weight"]
        # theirs are (inputs, outputs), torch.nn.Linear's (outputs, inputs)
        weights[f"{ours}.weight"] = matrix.T if matrix.ndim == 2 else matrix
        weights[f"{ours}.bias"] = theirs[f"{their}.bias"]
    model = GPT(CONFIG, full(table))
    model.load_state_dict(weights)
    return model


@pytest.fixture(scope="module")
def text(ids: Tensor) -> Tensor:
    return torch.stack([ids[:32], ids[20:52]])


def test_logits(gpt: GPT, reference: GPT2LMHeadModel, text: Tensor) -> None:
    with torch.no_grad():
        ours, theirs = gpt(text), reference(text).logits
    assert float(theirs.std()) > 1, "the comparison would mean little"
    torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-5)


def test_log_probs_and_gradients(gpt: GPT, reference: GPT2LMHeadModel, text: Tensor) -> None:
    targets = text[:, 1:]
    theirs = cross_entropy(reference(text[:, :-1]).logits.flatten(0, 1), targets.flatten())
    reference.zero_grad()
    theirs.backward()
    ours = -gpt.log_probs(gpt(text[:, :-1]), targets).mean()
    gpt.zero_grad()
    ours.backward()
    assert ours.item() == pytest.approx(theirs.item(), abs=1e-5)
    torch.testing.assert_close(
        gpt.token_embedding.weight.grad, reference.transformer.wte.weight.grad, rtol=1e-4, atol=1e-6
    )
    torch.testing.assert_close(
        gpt.blocks[0].attn.qkv.weight.grad,
        reference.transformer.h[0].attn.c_attn.weight.grad.T,
        rtol=1e-4,
        atol=1e-6,
    )


@pytest.mark.parametrize("count", [1, 5, 12])
def test_greedy_generation(gpt: GPT, reference: GPT2LMHeadModel, ids: Tensor, count: int) -> None:
    """Token by token, up to the last position."""
    prompt = ids[:count]
    theirs = reference.generate(
        prompt[None],
        attention_mask=torch.ones_like(prompt[None]),
        max_length=CONFIG.block_size,
        do_sample=False,
        eos_token_id=None,
        pad_token_id=0,
    )[0]
    left = CONFIG.block_size - count
    new = generate(gpt, prompt, temperature=0.0, generator=torch.Generator())
    assert list(islice(new, left)) == theirs[count:].tolist()
    assert len(set(theirs[count:].tolist())) > 3
