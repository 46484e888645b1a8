"""The GPT on a GPU: the CPU's results to within rounding, and the same bytes each time."""

from itertools import islice

import pytest
import torch
from torch import Tensor

from lookingglass.gpt.attention import attention
from lookingglass.gpt.generation import generate, next_probs
from lookingglass.gpt.inversion import Inversion, invert, nearest, produced
from lookingglass.gpt.model import GPT
from lookingglass.gpt.reach import reach
from lookingglass.gpt.scoring import log_prob
from lookingglass.gpt.token_search import beam, gcg
from lookingglass.gpt.training import train
from lookingglass.gpt.vocabulary import Vocabulary
from tests.gpt.test_training import RECIPE, Training, assert_same, new


def close(on_gpu: Tensor, on_cpu: Tensor, atol: float = 1e-4) -> None:
    assert on_gpu.device.type == "cuda"
    torch.testing.assert_close(on_gpu.cpu(), on_cpu, atol=atol, rtol=1e-4)


@pytest.fixture
def twin(gpt: GPT, vocabulary: Vocabulary, gpu: torch.device) -> GPT:
    """The same model on the GPU."""
    copy = GPT(gpt.config, vocabulary)
    copy.load_state_dict(gpt.state_dict())
    return copy.requires_grad_(False).eval().to(gpu)


def test_scores(gpt: GPT, twin: GPT, ids: Tensor, gpu: torch.device) -> None:
    there = ids.to(gpu)
    close(twin(there[None, :16]), gpt(ids[None, :16]))
    close(log_prob(twin, there, stride=5), log_prob(gpt, ids, stride=5))
    logits = gpt(ids[None, :9])[0, -1]
    close(next_probs(twin, logits.to(gpu), 0.7, 50), next_probs(gpt, logits, 0.7, 50))
    for ours, theirs in (
        (attention(twin, there[:12], -1), attention(gpt, ids[:12], -1)),
        (
            nearest(twin, twin.token_embedding.weight[:5]),
            nearest(gpt, gpt.token_embedding.weight[:5]),
        ),
        (reach(twin, there[:6]), reach(gpt, ids[:6])),
    ):
        for name, value in vars(theirs).items():
            close(getattr(ours, name), value, atol=1e-3)
    assert torch.equal(produced(twin, there[None, :9]).cpu(), produced(gpt, ids[None, :9]))


def test_generation(gpt: GPT, twin: GPT, ids: Tensor, gpu: torch.device) -> None:
    """Past the end of the block, too, and with the same draws each time."""

    def take(model: GPT, prompt: Tensor, **options: float) -> list[int]:
        generator = torch.Generator().manual_seed(1)
        return list(islice(generate(model, prompt, generator=generator, **options), 40))

    expected = take(gpt, ids[:4], temperature=0.0)
    assert take(twin, ids[:4], temperature=0.0) == expected
    assert take(twin, ids[:4].to(gpu), temperature=0.0) == expected
    assert take(twin, ids[:4], top_k=50) == take(twin, ids[:4], top_k=50)


def test_inversion(gpt: GPT, twin: GPT, ids: Tensor, gpu: torch.device) -> None:
    target = ids[:6]

    def run(model: GPT, text: Tensor) -> Inversion:
        generator = torch.Generator().manual_seed(0)
        return invert(model, text, restarts=3, steps=80, learning_rate=0.1, generator=generator)

    on_gpu, on_cpu = run(twin, target.to(gpu)), run(gpt, target)
    assert on_gpu.best.tolist() == on_cpu.best.tolist() == [6] * 3
    close(on_gpu.losses[:10], on_cpu.losses[:10], atol=1e-2)
    assert torch.equal(on_gpu.vectors, run(twin, target.to(gpu)).vectors)
    for search in (
        lambda model, text: beam(model, text, width=3),
        lambda model, text: gcg(
            model, text, steps=3, top_k=8, candidates=32, generator=torch.Generator().manual_seed(0)
        )[0],
    ):
        there, here = search(twin, target.to(gpu)), search(gpt, target)
        assert torch.equal(there.ids.cpu(), here.ids)
        assert there.match == here.match


@pytest.mark.parametrize("bfloat16", [False, True])
def test_training(vocabulary: Vocabulary, ids: Tensor, gpu: torch.device, bfloat16: bool) -> None:
    def begun(dropout: float = 0.1) -> Training:
        training = new(vocabulary, ids, dropout)
        training.gpt.to(gpu)
        return training

    recipe = RECIPE | {"bfloat16": bfloat16}
    whole, again = begun(), begun()
    losses = list(train(whole, ids.to(gpu), steps=8, **recipe))
    assert list(train(again, ids.to(gpu), steps=8, **recipe)) == losses
    assert_same(again, whole)

    first, second = begun(), begun()
    start = list(islice(train(first, ids.to(gpu), steps=8, **recipe), 3))
    second.restore(3, [], {name: tensor.cpu() for name, tensor in first.tensors().items()})
    assert [*start, *train(second, ids.to(gpu), steps=8, **recipe)] == losses
    assert_same(second, whole)

    # dropout is drawn on the GPU; without it, all draws are the CPU's
    on_gpu = list(train(begun(dropout=0.0), ids.to(gpu), steps=8, **recipe))
    on_cpu = list(train(new(vocabulary, ids, dropout=0.0), ids, steps=8, **recipe))
    assert on_gpu == pytest.approx(on_cpu, abs=0.1 if bfloat16 else 1e-3)
