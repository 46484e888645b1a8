"""The checks of the parts of a GPT, and of its training loss."""

import math
from types import ModuleType

import torch
from torch import Tensor

from course.config import Config
from course.steps.process import generator
from course.wrong import StepError, agree, check_tensor, distance


def attention(
    q: Tensor, k: Tensor, v: Tensor, mask: Tensor, scale: float, axis: int = -1
) -> Tensor:
    """The output of attention, right or wrong."""
    scores = (q @ k.mT * scale).masked_fill(mask, -math.inf)
    return scores.softmax(dim=axis).nan_to_num() @ v


def check_causal_attention(student: ModuleType, config: Config) -> None:
    """Output, scores and weights, for some queries, keys and values."""
    B, H, T, d = 2, 3, 7, 8
    q, k, v = torch.randn(3, B, H, T, d, generator=generator(config, 40))
    found = student.causal_attention(q, k, v)
    if not isinstance(found, tuple | list) or len(found) != 3:
        raise StepError("gives something else than three tensors: output, scores and weights")
    out, scores, weights = found
    if isinstance(out, Tensor) and out[:, :, 0].isnan().all():
        raise StepError(
            "the first position's output is not a number", "as if a position could not see itself"
        )
    after = (q @ k.mT * d**-0.5).softmax(dim=-1).tril()
    ones, scale = torch.ones(T, T, dtype=torch.bool), d**-0.5
    later = ones.triu(1)
    agree(
        "the output",
        out,
        attention(q, k, v, later, scale),
        {
            "there were no causal mask": attention(q, k, v, ~ones, scale),
            "a position could not see itself": attention(q, k, v, ones.triu(0), scale),
            "each position saw the one after it, too": attention(q, k, v, ones.triu(2), scale),
            "the mask hid the past, and not the future": attention(q, k, v, ones.tril(-1), scale),
            "the softmax were over the wrong axis": attention(q, k, v, later, scale, axis=-2),
            "the softmax were over the heads": attention(q, k, v, later, scale, axis=1),
            "the scores were not divided by sqrt(d)": attention(q, k, v, later, 1.0),
            "the scores were divided by d, and not by its square root": attention(
                q, k, v, later, 1 / d
            ),
            "the scores were divided by sqrt(H d)": attention(q, k, v, later, (H * d) ** -0.5),
            "queries and keys were exchanged": attention(k, q, v, later, scale),
            "the mask came after the softmax": after @ v,
        },
    )
    right = (q @ k.mT * scale).masked_fill(later, -math.inf)
    if tuple(scores.shape) != (B, H, T, T) or not bool((scores[..., later] == -math.inf).all()):
        raise StepError(
            f"the scores have the shape {tuple(scores.shape)}, and for later positions not always "
            f"-inf: has to be {(B, H, T, T)}, with -inf there"
        )
    seen = ~later
    agree(
        "of the scores of what is seen, the one",
        scores[..., seen],
        right[..., seen],
        {
            "they were the weights": right.softmax(dim=-1)[..., seen],
            "they were not scaled": right[..., seen] / scale,
        },
    )
    agree("a weight", weights, right.softmax(dim=-1), {})


def check_block(student: ModuleType, config: Config) -> None:
    """What each position of a block's output depends on."""
    B, T, C = 2, 6, 24
    torch.manual_seed(config.student)  # torch.nn draws from the global generator
    block = student.Block(C, 3)
    block.eval()
    x = torch.randn(B, T, C, generator=generator(config, 41), requires_grad=True)
    out = block(x)
    check_tensor("the output", out, (B, T, C))
    influence = torch.zeros(T, T)
    for i in range(T):
        (gradient,) = torch.autograd.grad(out[0, i].square().sum(), x, retain_graph=True)
        influence[i] = gradient[0].abs().sum(dim=-1)
        if float(gradient[1].abs().max()) > 0:
            raise StepError(
                "a text depends on the other texts of its batch",
                "as if the batch were taken for time",
            )
    later = torch.ones(T, T, dtype=torch.bool).triu(1)
    if float(influence[later].max()) > 0:
        i, j = (int(place) for place in torch.nonzero(later & (influence > 0))[0])
        raise StepError(
            f"position {i} depends on position {j}, which comes later",
            "as if there were no causal mask, or heads were split or merged without a transpose, "
            "or a norm were over time",
        )
    before = torch.ones(T, T, dtype=torch.bool).tril(-1)
    if float(influence[before].min()) == 0:
        raise StepError(
            "a position does not depend on all those before it", "as if attention were left out"
        )
    far = torch.randn(B, T, C, generator=generator(config, 42)) * 100
    with torch.no_grad():
        kept = distance(block(far).double(), far.double())
    if kept > 0.5:
        raise StepError(
            f"of a large input, {kept:.0%} is changed: attention and MLP are to be added to it",
            "as if a residual branch were left out",
        )


def check_next_token_loss(student: ModuleType, config: Config) -> None:
    """The loss for some logits."""
    draw = generator(config, 43)
    B, T, V = 3, 8, 11
    logits, ids = torch.randn(B, T, V, generator=draw) * 2, torch.randint(V, (B, T), generator=draw)
    log_p = logits.log_softmax(dim=-1)

    def nll(log_p: Tensor, ids: Tensor) -> Tensor:
        return -log_p.gather(-1, ids[..., None]).mean()

    right = nll(log_p[:, :-1], ids[:, 1:])
    agree(
        "the loss",
        student.next_token_loss(logits, ids),
        right,
        {
            "the targets were not shifted": nll(log_p, ids),
            "the targets were shifted the wrong way": nll(log_p[:, 1:], ids[:, :-1]),
            "the targets were shifted by two": nll(log_p[:, :-2], ids[:, 2:]),
            "it wrapped around, the last position predicting the first token": nll(
                log_p, ids.roll(-1, 1)
            ),
            "it wrapped around, a text's last position predicting the next text's first token": nll(
                log_p, ids.roll(-1)
            ),
            "the sum were divided by all tokens, the first ones, too": right * (T - 1) / T,
            "it were the sum over the tokens": right * B * (T - 1),
            "it were the sum over a text, and the mean over texts": right * (T - 1),
            "its sign were wrong": -right,
            "it were in bits, and not in nats": right / math.log(2),
            "the softmax were over time": nll(logits.log_softmax(dim=1)[:, :-1], ids[:, 1:]),
            "there were no softmax": nll(logits[:, :-1], ids[:, 1:]),
            "the logits were probabilities, softmaxed twice": nll(
                log_p.exp().log_softmax(dim=-1)[:, :-1], ids[:, 1:]
            ),
        },
    )
