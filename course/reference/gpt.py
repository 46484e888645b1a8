"""Exercise 3: the parts of a GPT, what it says, and why.

Shapes: a batch of B texts of T tokens, width C, H heads of width d = C / H, and V tokens in the
vocabulary. Logits at position i are about the token that comes after it. Draw random numbers from
the generator that you are given, so that your results are the same in every run.
"""

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy


def causal_attention(q: Tensor, k: Tensor, v: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Each position attends to itself and to those before it: q, k and v are (B, H, T, d).

    Gives the output, (B, H, T, d), the scores before the softmax, q k^T / sqrt(d), which are -inf
    for later positions, and the weights after it, both (B, H, T, T), row by row.
    """
    time = q.shape[-2]
    scores = q @ k.mT / math.sqrt(q.shape[-1])
    later = torch.ones(time, time, dtype=torch.bool).triu(1)
    scores = scores.masked_fill(later, -math.inf)
    weights = scores.softmax(dim=-1)
    return weights @ v, scores, weights


class Block(nn.Module):
    """A transformer block, from (B, T, C) to (B, T, C): made with Block(C, H).

    Attention with H heads, then an MLP with a nonlinearity that works on each position by itself,
    each of them added to what it is given.
    """

    def __init__(self, n_embd: int, n_head: int) -> None:
        super().__init__()
        self.n_head = n_head
        self.ln_1, self.ln_2 = nn.LayerNorm(n_embd), nn.LayerNorm(n_embd)
        self.qkv, self.proj = nn.Linear(n_embd, 3 * n_embd), nn.Linear(n_embd, n_embd)
        self.fc, self.fc_proj = nn.Linear(n_embd, 4 * n_embd), nn.Linear(4 * n_embd, n_embd)

    def forward(self, x: Tensor) -> Tensor:
        """The next residual stream."""
        by_head = self.qkv(self.ln_1(x)).unflatten(-1, (3, self.n_head, -1)).permute(2, 0, 3, 1, 4)
        q, k, v = by_head
        out, _, _ = causal_attention(q, k, v)
        x = x + self.proj(out.transpose(1, 2).flatten(2))
        x = x + self.fc_proj(self.fc(self.ln_2(x)).relu())
        return x


def next_token_loss(logits: Tensor, ids: Tensor) -> Tensor:
    """The mean cross-entropy of predicting a text, in nats per token, as a scalar.

    logits are (B, T, V), those of the texts ids, (B, T), themselves. The first token is not
    predicted, and what comes after the last is not known (section 3.2.1).
    """
    return cross_entropy(logits[:, :-1].flatten(0, 1), ids[:, 1:].flatten())


def next_token_probs(logits: Tensor, temperature: float, top_k: int) -> Tensor:
    """The probability of each token to be drawn next, (V,), from the logits of a position, (V,).

    At this temperature (above 0), p^(1 / temperature), normalised, and among the top_k likeliest
    only.
    """
    values, index = (logits / temperature).topk(top_k)
    return torch.zeros_like(logits).scatter(0, index, values.softmax(dim=0))


def invert(
    model: Callable[[Tensor], Tensor], embedding: Tensor, ids: Tensor, generator: torch.Generator
) -> Tensor:
    """Input vectors, (T, C), for which the frozen model outputs ids, (T,), one at each position.

    model(x) gives the logits, (1, T, V), of input vectors x, (1, T, C), which take the place of
    the token embeddings, and position i is to output ids[i], without a shift (section 3.2.2).
    `embedding` has the model's own token embeddings, (V, C). In at most 30 seconds.
    """
    x = torch.randn(1, len(ids), embedding.shape[1], generator=generator) * embedding.std()
    x.requires_grad_()
    adam = torch.optim.Adam([x], lr=0.1)
    for _ in range(300):
        loss = cross_entropy(model(x)[0], ids)
        adam.zero_grad()
        loss.backward()
        adam.step()
    return x.detach()[0]


def word_scores(scores: Tensor, word: range) -> Tensor:
    """How much each token before a word had to do with it (questions 3 and 4): (word.start,).

    `scores` are those of one block before the softmax, (H, T, T), and `word` has the places of the
    word's tokens in the text. The mean over the heads, and over the rows from which the word's
    tokens were predicted.
    """
    rows = [place - 1 for place in word]
    return scores[:, rows, : word.start].mean(dim=(0, 1))


def sentence_log_prob(logits: Tensor, ids: Tensor) -> float:
    """The log-probability of a whole text, in nats (question 5).

    logits are (T, V), those of the text ids, (T,), itself. Its first token is given, and not
    scored.
    """
    log_p = logits[:-1].double().log_softmax(dim=-1)
    return float(log_p.gather(-1, ids[1:, None]).sum())
