"""A GPT-2 (Radford et al. 2019), from tokens to the logits of the next.

Shapes: batch B, time T (at most block_size), width C = n_embd, heads H of width d = C / H, and V
rows of the vocabulary.
"""

import math
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn
from torch.nn.functional import gelu, linear

from lookingglass.gpt.vocabulary import Vocabulary

MAX_NUMEL = 1 << 25  # of any tensor while a text is scored: 128 MB


@dataclass(frozen=True)
class Config:
    """The network's hyperparameters. Raises ValueError unless n_head divides n_embd."""

    block_size: int = 64
    n_layer: int = 4
    n_head: int = 4
    n_embd: int = 128
    dropout: float = 0.0

    def __post_init__(self) -> None:
        if self.n_embd % self.n_head:
            raise ValueError(f"n_embd = {self.n_embd}: must be a multiple of n_head, {self.n_head}")


class Dropout(nn.Module):
    """Zero each number with probability p and scale up the others; in evaluation, the identity.

    torch.nn.Dropout draws from the global generator; this draws from `generator`, which training
    sets for each step, so that a resumed training drops what an uninterrupted one would.
    """

    def __init__(self, p: float) -> None:
        super().__init__()
        self.p = p
        self.generator: torch.Generator | None = None

    def forward(self, x: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
        """Of any shape."""
        if not self.training or self.p == 0:
            return x
        keep = torch.rand(x.shape, generator=self.generator, device=x.device) >= self.p
        return x * (keep.to(x.dtype) / (1 - self.p))


@dataclass
class KVCache:
    """Keys and values of one block's attention, for all tokens read so far."""

    keys: Float[Tensor, "B H T d"]
    values: Float[Tensor, "B H T d"]

    @property
    def time(self) -> int:
        """How many tokens have been read."""
        return self.keys.shape[-2]

    def append(self, k: Float[Tensor, "B H new d"], v: Float[Tensor, "B H new d"]) -> None:
        """Add the keys and values of new tokens."""
        self.keys = torch.cat([self.keys, k], dim=-2)
        self.values = torch.cat([self.values, v], dim=-2)


class CausalSelfAttention(nn.Module):
    """Each position attends to itself and to those before it."""

    def __init__(self, config: Config, dropout: Dropout) -> None:
        super().__init__()
        self.n_head = config.n_head
        self.qkv = nn.Linear(config.n_embd, 3 * config.n_embd)
        self.proj = nn.Linear(config.n_embd, config.n_embd)
        self.dropout = dropout

    def forward(
        self,
        x: Float[Tensor, "B T C"],
        kv_cache: KVCache | None = None,
        attentions: list[tuple[Tensor, Tensor]] | None = None,
    ) -> Float[Tensor, "B T C"]:
        """Softmax(q k^T / sqrt(d)) v for each head, and the heads' outputs projected.

        `attentions` gets the scores (before the softmax, -inf for later positions) and the
        weights (after it, 0 there) appended, each (B, H, T, positions so far).
        """
        by_head = self.qkv(x).unflatten(-1, (3, self.n_head, -1)).permute(2, 0, 3, 1, 4)
        q, k, v = by_head.contiguous()  # or each matrix product would copy its operands
        if kv_cache is not None:
            kv_cache.append(k, v)
            k, v = kv_cache.keys, kv_cache.values
        T, S = q.shape[-2], k.shape[-2]
        mask = torch.full((T, S), -math.inf, device=x.device).triu(S - T + 1)
        scores = (q / math.sqrt(q.shape[-1])) @ k.mT + mask
        weights = scores.softmax(dim=-1)
        if attentions is not None:
            attentions.append((scores, weights))
        x = (self.dropout(weights) @ v).transpose(1, 2).flatten(2)
        x = self.dropout(self.proj(x))
        return x


class MLP(nn.Module):
    """Two layers, applied to each position by itself."""

    def __init__(self, config: Config, dropout: Dropout) -> None:
        super().__init__()
        self.fc = nn.Linear(config.n_embd, 4 * config.n_embd)
        self.proj = nn.Linear(4 * config.n_embd, config.n_embd)
        self.dropout = dropout

    def forward(self, x: Float[Tensor, "B T C"]) -> Float[Tensor, "B T C"]:
        """With GPT-2's activation, the tanh form of GELU (Hendrycks and Gimpel 2016)."""
        x = gelu(self.fc(x), approximate="tanh")
        x = self.dropout(self.proj(x))
        return x


class Block(nn.Module):
    """A pre-norm transformer block: attention, then an MLP, each in a residual branch."""

    def __init__(self, config: Config, dropout: Dropout) -> None:
        super().__init__()
        self.ln_1 = nn.LayerNorm(config.n_embd)
        self.attn = CausalSelfAttention(config, dropout)
        self.ln_2 = nn.LayerNorm(config.n_embd)
        self.mlp = MLP(config, dropout)

    def forward(
        self,
        x: Float[Tensor, "B T C"],
        kv_cache: KVCache | None = None,
        attentions: list[tuple[Tensor, Tensor]] | None = None,
    ) -> Float[Tensor, "B T C"]:
        """The next residual stream."""
        x = x + self.attn(self.ln_1(x), kv_cache, attentions)
        x = x + self.mlp(self.ln_2(x))
        return x


def unset(rows: int, width: int) -> nn.Embedding:
    """An embedding without values; nn.Embedding's own draw would load torch's compiler: seconds."""
    table: nn.Embedding = nn.Embedding.from_pretrained(torch.empty(rows, width), freeze=False)
    return table


class GPT(nn.Module):
    """The whole model. It takes and gives GPT-2's token ids; its logits are over rows.

    Weights start as GPT-2's do, N(0, 0.02^2), and smaller by 1 / sqrt(2 n_layer) where they add
    to the residual stream, drawn from `generator`; without one they are left unset, to be loaded.
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
        self.dropout = Dropout(config.dropout)  # one for all blocks, so that one generator is set
        # made without values, which torch.nn would draw from the global generator
        with torch.device("meta"):
            self.token_embedding = unset(vocabulary.rows, config.n_embd)
            self.position_embedding = unset(config.block_size, config.n_embd)
            self.blocks = nn.ModuleList(Block(config, self.dropout) for _ in range(config.n_layer))
            self.ln_f = nn.LayerNorm(config.n_embd)
            self.head_bias = nn.Parameter(torch.empty(vocabulary.rows))
        self.to_empty(device="cpu")
        self.register_buffer("row", vocabulary.row, persistent=False)
        self.register_buffer("log_prior", vocabulary.log_prior.float(), persistent=False)
        if generator is not None:
            self._init_weights(generator)

    @torch.no_grad()
    def _init_weights(self, generator: torch.Generator) -> None:
        for name, parameter in self.named_parameters():
            if "ln_" in name:
                nn.init.constant_(parameter, 1.0 if name.endswith("weight") else 0.0)
            elif name.endswith("bias"):
                nn.init.zeros_(parameter)
            else:
                residual = name.endswith("proj.weight")
                std = 0.02 / math.sqrt(2 * self.config.n_layer) if residual else 0.02
                nn.init.normal_(parameter, std=std, generator=generator)

    def encode(self, text: str) -> Int64[Tensor, " T"]:
        """The ids of a text."""
        return self.vocabulary.encode(text)

    def decode(self, ids: Int64[Tensor, " T"]) -> str:
        """The text of ids."""
        return self.vocabulary.decode(ids)

    def new_kv_cache(self) -> list[KVCache]:
        """An empty cache for each block, for one text."""
        C, H = self.config.n_embd, self.config.n_head
        empty = self.head_bias.new_empty(1, H, 0, C // H)
        return [KVCache(empty, empty) for _ in self.blocks]

    def forward(
        self,
        ids: Int64[Tensor, "B T"] | None = None,
        *,
        embeddings: Float[Tensor, "B T C"] | None = None,
        kv_cache: list[KVCache] | None = None,
        attentions: list[tuple[Tensor, Tensor]] | None = None,
        last: int | None = None,
    ) -> Float[Tensor, "B out V"]:
        """Logits of each next token, over the vocabulary's rows, from the `hidden` states."""
        hidden = self.hidden(
            ids, embeddings=embeddings, kv_cache=kv_cache, attentions=attentions, last=last
        )
        return linear(hidden, self.token_embedding.weight, self.head_bias)

    def hidden(
        self,
        ids: Int64[Tensor, "B T"] | None = None,
        *,
        embeddings: Float[Tensor, "B T C"] | None = None,
        kv_cache: list[KVCache] | None = None,
        attentions: list[tuple[Tensor, Tensor]] | None = None,
        last: int | None = None,
    ) -> Float[Tensor, "B out C"]:
        """What the head sees at each position; at the `last` few if that is set.

        Give either ids or `embeddings` in place of the tokens' own. With `kv_cache` (from
        `new_kv_cache`) give only the tokens that it has not read; it grows by them. `attentions`
        gets each block's scores and weights appended (see CausalSelfAttention). Raises ValueError
        for more than block_size tokens, those in the cache included.
        """
        x = self.token_embedding(self.row[ids]) if embeddings is None else embeddings
        start = kv_cache[0].time if kv_cache else 0
        end = start + x.shape[1]
        if end > self.config.block_size:
            raise ValueError(f"{end} tokens; there are positions for {self.config.block_size}")
        x = self.dropout(x + self.position_embedding.weight[start:end])
        for index, block in enumerate(self.blocks):
            x = block(x, kv_cache[index] if kv_cache else None, attentions)
        hidden: Tensor = self.ln_f(x if last is None else x[:, -last:])
        return hidden

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
        # the largest tensor for one window: its logits, or in a block the MLP's or the attention's
        widest = max(
            last * self.vocabulary.rows,
            time * 4 * self.config.n_embd,
            time * time * self.config.n_head,
        )
        return torch.cat(
            [
                self.log_probs(self(part[:, :-1], last=last), part[:, -last:])
                for part in windows.split(max(1, MAX_NUMEL // widest))
            ]
        )
