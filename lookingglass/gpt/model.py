"""A GPT-2 (Radford et al. 2019), from the embedding of tokens to the logits of the next.

Shapes: batch B, time T (at most block_size), width C = n_embd, heads H, rows V of the vocabulary.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn
from torch.nn.functional import linear, scaled_dot_product_attention

from lookingglass.gpt.activation import gelu
from lookingglass.gpt.vocabulary import Vocabulary

LARGEST = 1 << 25  # numbers in any tensor where a text is scored: 128 MB


@dataclass(frozen=True)
class Config:
    """The shape of the network. Raises ValueError unless n_head divides n_embd."""

    block_size: int = 64
    n_layer: int = 4
    n_head: int = 4
    n_embd: int = 128

    def __post_init__(self) -> None:
        if self.n_embd % self.n_head:
            raise ValueError(f"n_embd = {self.n_embd}: must be a multiple of n_head, {self.n_head}")


@dataclass
class Cache:
    """Keys and values of the tokens so far, for each block: what generation need not redo."""

    blocks: list[tuple[Tensor, Tensor]] = field(default_factory=list)

    @property
    def time(self) -> int:
        """How many tokens are in it."""
        return self.blocks[0][0].shape[-2] if self.blocks else 0


Drop = Callable[[Tensor], Tensor]
"""What is done to numbers on their way: dropout in training, nothing otherwise."""


def keep(x: Tensor) -> Tensor:
    """No dropout."""
    return x


def sinusoids(time: int, width: int) -> Float[Tensor, "time width"]:
    """Sines and cosines of the position, of wavelengths 2 pi to 200 pi (Vaswani et al. 2017, 3.5).

    What distinguishes them is that "n places before" is the same linear map at every position.
    """
    half = (width + 1) // 2
    angle = torch.arange(time)[:, None] * 100 ** (-torch.arange(half) / half)
    return torch.cat([angle.sin(), angle.cos()], dim=1)[:, :width]


def causal_weights(
    q: Float[Tensor, "*heads T d"], k: Float[Tensor, "*heads S d"]
) -> tuple[Float[Tensor, "*heads T S"], Float[Tensor, "*heads T S"]]:
    """Scores q k^T / sqrt(d) and their softmax, for the last T of S positions.

    What lies ahead of a position has score -inf and weight 0.
    """
    T, S = q.shape[-2], k.shape[-2]
    ahead = torch.full((T, S), -math.inf, dtype=q.dtype, device=q.device).triu(S - T + 1)
    # added within the product, which saves a pass over the scores
    product = torch.baddbmm(
        ahead, q.flatten(0, -3), k.flatten(0, -3).mT, alpha=1 / math.sqrt(q.shape[-1])
    )
    scores = product.view(*q.shape[:-1], S)
    return scores, scores.softmax(dim=-1)


class Attention(nn.Module):
    """Causal self-attention: each position gathers from itself and those before it."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.n_head = config.n_head
        self.qkv = nn.Linear(config.n_embd, 3 * config.n_embd)
        self.project = nn.Linear(config.n_embd, config.n_embd)

    def queries_keys_values(
        self, x: Float[Tensor, "B T C"]
    ) -> tuple[Float[Tensor, "B H T d"], Float[Tensor, "B H T d"], Float[Tensor, "B H T d"]]:
        """What each head looks for, what it finds it by, and what it takes; d = C / H."""
        by_head = self.qkv(x).unflatten(-1, (3, self.n_head, -1)).permute(2, 0, 3, 1, 4)
        q, k, v = by_head.contiguous()  # or each product with them would copy them
        return q, k, v

    def forward(
        self,
        x: Float[Tensor, "B T C"],
        drop: Drop = keep,
        past: tuple[Tensor, Tensor] | None = None,
    ) -> tuple[Float[Tensor, "B T C"], tuple[Tensor, Tensor]]:
        """The attention's output, and the keys and values of all positions so far."""
        q, k, v = self.queries_keys_values(x)
        if past is not None:
            k, v = torch.cat([past[0], k], dim=-2), torch.cat([past[1], v], dim=-2)
        if drop is keep and (past is None or q.shape[-2] == 1):  # nothing lies ahead of the last
            y = scaled_dot_product_attention(q, k, v, is_causal=past is None)
        else:
            y = drop(causal_weights(q, k)[1]) @ v
        return drop(self.project(y.transpose(1, 2).flatten(2))), (k, v)


class Block(nn.Module):
    """Attention between positions, then a network at each; both add to what was there."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.norm_1 = nn.LayerNorm(config.n_embd)
        self.attention = Attention(config)
        self.norm_2 = nn.LayerNorm(config.n_embd)
        self.expand = nn.Linear(config.n_embd, 4 * config.n_embd)
        self.contract = nn.Linear(4 * config.n_embd, config.n_embd)

    def forward(
        self,
        x: Float[Tensor, "B T C"],
        drop: Drop = keep,
        past: tuple[Tensor, Tensor] | None = None,
    ) -> tuple[Float[Tensor, "B T C"], tuple[Tensor, Tensor]]:
        """The block's output, and its keys and values."""
        attended, present = self.attention(self.norm_1(x), drop, past)
        x = x + attended
        hidden = gelu(self.expand(self.norm_2(x)))
        return x + drop(self.contract(hidden)), present


class GPT(nn.Module):
    """The whole model. It takes and gives GPT-2's token ids; its logits are over rows.

    Weights start as GPT-2's do, N(0, 0.02^2), and smaller by 1 / sqrt(2 n_layer) where they add
    to the residual stream, drawn from `generator`; without one they are left unset, to be loaded.
    Only the positions, which are learned, too, start otherwise, as sinusoids of standard deviation
    0.1: from noise, a short training never finds out that it can attend to the word before.
    The head is the token embedding transposed (tied), plus a bias for each row, at first 0.
    """

    row: Tensor
    log_prior: Tensor

    def __init__(
        self, config: Config, vocabulary: Vocabulary, generator: torch.Generator | None = None
    ) -> None:
        super().__init__()
        self.config = config
        self.vocabulary = vocabulary
        # made without values, which torch.nn would draw from the global generator
        with torch.device("meta"):
            self.token_embedding = nn.Embedding(vocabulary.rows, config.n_embd)
            self.position_embedding = nn.Embedding(config.block_size, config.n_embd)
            self.blocks = nn.ModuleList(Block(config) for _ in range(config.n_layer))
            self.norm = nn.LayerNorm(config.n_embd)
            self.bias = nn.Parameter(torch.empty(vocabulary.rows))
        self.to_empty(device="cpu")
        self.register_buffer("row", vocabulary.row, persistent=False)
        self.register_buffer("log_prior", vocabulary.log_prior.float(), persistent=False)
        if generator is not None:
            self._start(generator)

    @torch.no_grad()
    def _start(self, generator: torch.Generator) -> None:
        for name, parameter in self.named_parameters():
            if "norm" in name:
                nn.init.constant_(parameter, 1.0 if name.endswith("weight") else 0.0)
            elif name.endswith("bias"):
                nn.init.zeros_(parameter)
            else:
                residual = "project" in name or "contract" in name
                std = 0.02 / math.sqrt(2 * self.config.n_layer) if residual else 0.02
                nn.init.normal_(parameter, std=std, generator=generator)
        positions = sinusoids(*self.position_embedding.weight.shape)
        self.position_embedding.weight.copy_(0.1 * positions / positions.std())

    def encode(self, text: str) -> Int64[Tensor, " T"]:
        """The ids of a text."""
        return self.vocabulary.encode(text)

    def decode(self, ids: Int64[Tensor, " T"]) -> str:
        """The text of ids."""
        return self.vocabulary.decode(ids)

    def features(
        self,
        ids: Int64[Tensor, "B T"] | None = None,
        *,
        embeddings: Float[Tensor, "B T C"] | None = None,
        drop: Drop = keep,
        cache: Cache | None = None,
    ) -> Float[Tensor, "B T C"]:
        """What the head makes the logits of; takes and raises what forward does."""
        x = self.token_embedding(self.row[ids]) if embeddings is None else embeddings
        start = cache.time if cache else 0
        end = start + x.shape[1]
        if end > self.config.block_size:
            raise ValueError(f"{end} tokens; there are positions for {self.config.block_size}")
        x = drop(x + self.position_embedding.weight[start:end])
        presents = []
        for index, block in enumerate(self.blocks):
            x, present = block(x, drop, cache.blocks[index] if cache and start else None)
            presents.append(present)
        if cache is not None:
            cache.blocks = presents
        normed: Tensor = self.norm(x)
        return normed

    def forward(
        self,
        ids: Int64[Tensor, "B T"] | None = None,
        *,
        embeddings: Float[Tensor, "B T C"] | None = None,
        drop: Drop = keep,
        cache: Cache | None = None,
    ) -> Float[Tensor, "B T V"]:
        """Logits of each next token, over the vocabulary's rows.

        Give either ids or `embeddings` in place of the tokens' own. With a cache, only tokens
        that are not yet in it are given, and it grows by them. Raises ValueError if all in all
        there are more than block_size.
        """
        return self.head(self.features(ids, embeddings=embeddings, drop=drop, cache=cache))

    def head(self, x: Float[Tensor, "B T C"]) -> Float[Tensor, "B T V"]:
        """The logits that `features` lead to."""
        return linear(x, self.token_embedding.weight, self.bias)

    def log_probs(
        self, logits: Float[Tensor, "B T V"], targets: Int64[Tensor, "B T"]
    ) -> Float[Tensor, "B T"]:
        """Log probability of each target, in nats, over all of GPT-2's tokens."""
        of_rows = logits.log_softmax(dim=-1).gather(-1, self.row[targets].unsqueeze(-1))
        return of_rows.squeeze(-1) + self.log_prior[targets]

    def score(
        self, windows: Int64[Tensor, "B T"], last: int | None = None
    ) -> Float[Tensor, "B scored"]:
        """Log probability of the last tokens of each window given those before them, in nats.

        Of all but the first, unless `last` says how many. A few windows at a time, so that memory
        does not grow with their number.
        """
        time = windows.shape[1] - 1
        last = time if last is None else last
        # of a window: its logits, or where few are scored, a block's activations
        widest = max(last * len(self.bias), time * 4 * self.config.n_embd)
        scored = []
        for part in windows.split(max(1, LARGEST // widest)):
            logits = self.head(self.features(part[:, :-1])[:, -last:])
            scored.append(self.log_probs(logits, part[:, -last:]))
        return torch.cat(scored)
