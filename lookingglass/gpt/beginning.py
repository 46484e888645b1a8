"""Where a training of a GPT starts: its initial weights and its optimisers, GPT-2's and ours.

Ours differs from the standard GPT-2 in what the functions here do one by one, and each is worth
having for a text as short as a book (docs/beyond.pdf has the numbers).
"""

import torch
from jaxtyping import Float, Int64, Integer
from torch import Tensor
from torch.optim import AdamW, Optimizer

from lookingglass.gpt.model import GPT
from lookingglass.gpt.muon import Muon
from lookingglass.gpt.training import Training
from lookingglass.gpt.vocabulary import token_counts


def sinusoids(time: int, width: int) -> Float[Tensor, "time width"]:
    """Sines and cosines of the position, of wavelengths 2 pi to 200 pi (Vaswani et al. 2017, 3.5).

    With them, "n places before" is the same linear map at every position.
    """
    half = (width + 1) // 2
    angle = torch.arange(time)[:, None] * 100 ** (-torch.arange(half) / half)
    return torch.cat([angle.sin(), angle.cos()], dim=1)[:, :width]


@torch.no_grad()
def init_positions(gpt: GPT) -> None:
    """Start the position embeddings, learned, too, as sinusoids of standard deviation 0.1.

    From noise, a short training never finds out that it can attend to the word before.
    """
    positions = sinusoids(*gpt.position_embedding.weight.shape)
    gpt.position_embedding.weight.copy_(0.1 * positions / positions.std())


def row_counts(gpt: GPT, ids: Integer[Tensor, " time"]) -> Int64[Tensor, " rows"]:
    """How often each row of the model's vocabulary occurs in a text."""
    counts = torch.zeros(gpt.vocabulary.rows, dtype=torch.int64, device=gpt.row.device)
    return counts.index_add_(0, gpt.row, token_counts(ids).to(gpt.row.device))


@torch.no_grad()
def init_head_bias(gpt: GPT, ids: Integer[Tensor, " time"]) -> None:
    """Set the head's bias to the log unigram frequencies of a text, so that training starts there.

    A row that does not occur in the text counts half.
    """
    counts = row_counts(gpt, ids)
    gpt.head_bias.copy_((counts.clamp(min=0.5) / len(ids)).log())


@torch.no_grad()
def scale_up_rare_embeddings(gpt: GPT, ids: Integer[Tensor, " time"]) -> None:
    """Triple the initial embeddings of rows that occur at most once in a text.

    Training hardly makes them grow, and the head's logits are linear in a hidden state of bounded
    norm: a token whose embedding stays short is never the likeliest, whatever the input (Demeter
    et al. 2020, "Stolen probability"), and no inversion can find it.
    """
    gpt.token_embedding.weight[row_counts(gpt, ids) <= 1] *= 3


def optimizers(
    gpt: GPT,
    *,
    adam_rate: float,
    weight_decay: float,
    betas: tuple[float, float] = (0.9, 0.99),
    muon_rate: float | None = None,
) -> dict[str, Optimizer]:
    """AdamW for all weights, or, given its rate, Muon for the blocks' matrices.

    Weight decay is decoupled; gains and biases have none.
    """
    in_blocks = [p for p in gpt.blocks.parameters() if p.ndim == 2]
    embeddings = [gpt.token_embedding.weight, gpt.position_embedding.weight]
    vectors = [p for p in gpt.parameters() if p.ndim == 1]
    decayed = embeddings if muon_rate else [*embeddings, *in_blocks]
    groups = [
        {"params": decayed, "weight_decay": weight_decay},
        {"params": vectors, "weight_decay": 0.0},
    ]
    adam = AdamW(groups, lr=adam_rate, betas=betas)
    if not muon_rate:
        return {"adam": adam}
    return {"muon": Muon(in_blocks, lr=muon_rate, weight_decay=weight_decay), "adam": adam}


def begin_standard(gpt: GPT, *, rate: float, weight_decay: float) -> Training:
    """A training of a newly initialised `gpt`, in place, at step 0: AdamW with minGPT's betas."""
    betas = (0.9, 0.95)
    return Training(gpt, optimizers(gpt, adam_rate=rate, weight_decay=weight_decay, betas=betas))


def begin(
    gpt: GPT,
    ids: Integer[Tensor, " time"],
    *,
    muon_rate: float,
    adam_rate: float,
    weight_decay: float,
) -> Training:
    """The same with all that ours changes for a short text: initial weights, and Muon."""
    init_positions(gpt)
    init_head_bias(gpt, ids)
    scale_up_rare_embeddings(gpt, ids)
    return Training(
        gpt,
        optimizers(gpt, adam_rate=adam_rate, weight_decay=weight_decay, muon_rate=muon_rate),
    )
