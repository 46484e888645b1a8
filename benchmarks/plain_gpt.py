"""A small GPT the plain way: a model, training and generation as minGPT has them.

What Karpathy's minGPT (github.com/karpathy/minGPT, the base of exercise 3) does, rewritten:
explicit attention with a mask, GELU written out, a head as wide as GPT-2's vocabulary and not tied
to the embedding, one AdamW without fused kernels, no cache in generation. It is the baseline that
ours is compared with.

Shapes: batch B, time T (at most block_size), width C, heads H, rows V of the vocabulary.
"""

import math
from collections import OrderedDict
from collections.abc import Iterator

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from lookingglass.gpt.model import Config

DROPOUT = 0.1  # of the embeddings, the attention weights and what is added to the residual stream
LEARNING_RATE = 5e-4  # of its chargpt; its trainer's default, 3e-4, is slower at this size
BETAS, WEIGHT_DECAY, CLIP = (0.9, 0.95), 0.1, 1.0


class Gelu(nn.Module):
    """The tanh form of GELU (Hendrycks and Gimpel 2016), an operation at a time."""

    def forward(self, x: Tensor) -> Tensor:
        """Of any shape."""
        inner = math.sqrt(2 / math.pi) * (x + 0.044715 * torch.pow(x, 3.0))
        return 0.5 * x * (1.0 + torch.tanh(inner))


class PlainAttention(nn.Module):
    """Causal self-attention with the matrix of weights written out."""

    mask: Tensor

    def __init__(self, block_size: int, heads: int, width: int) -> None:
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width)
        self.proj = nn.Linear(width, width)
        self.drop_weights = nn.Dropout(DROPOUT)
        self.drop_output = nn.Dropout(DROPOUT)
        mask = torch.tril(torch.ones(block_size, block_size)).view(1, 1, block_size, block_size)
        self.register_buffer("mask", mask)

    def forward(self, x: Tensor) -> Tensor:
        """(B, T, C) to (B, T, C)."""
        B, T, C = x.shape
        q, k, v = (
            part.view(B, T, self.heads, C // self.heads).transpose(1, 2)
            for part in self.qkv(x).split(C, dim=2)
        )
        scores = (q @ k.transpose(-2, -1)) * (1.0 / math.sqrt(k.size(-1)))
        scores = scores.masked_fill(self.mask[:, :, :T, :T] == 0, -math.inf)
        weights = self.drop_weights(scores.softmax(dim=-1))
        y = (weights @ v).transpose(1, 2).contiguous().view(B, T, C)
        output: Tensor = self.drop_output(self.proj(y))
        return output


class PlainBlock(nn.Module):
    """A pre-norm transformer block: attention, then an MLP, each in a residual branch."""

    def __init__(self, block_size: int, heads: int, width: int) -> None:
        super().__init__()
        self.ln_1 = nn.LayerNorm(width)
        self.attn = PlainAttention(block_size, heads, width)
        self.ln_2 = nn.LayerNorm(width)
        self.mlp = nn.Sequential(
            OrderedDict(
                fc=nn.Linear(width, 4 * width),
                gelu=Gelu(),
                proj=nn.Linear(4 * width, width),
                drop=nn.Dropout(DROPOUT),
            )
        )

    def forward(self, x: Tensor) -> Tensor:
        """(B, T, C) to (B, T, C)."""
        x = x + self.attn(self.ln_1(x))
        x = x + self.mlp(self.ln_2(x))
        return x


class PlainGPT(nn.Module):
    """The whole model, over `vocabulary` rows, with minGPT's initial weights.

    They are drawn from the global generator, as torch.nn does and as dropout does.
    """

    def __init__(self, vocabulary: int, shape: Config) -> None:
        super().__init__()
        block_size, width, heads = shape.block_size, shape.n_embd, shape.n_head
        self.block_size = block_size
        self.token_embedding = nn.Embedding(vocabulary, width)
        self.position_embedding = nn.Embedding(block_size, width)
        self.drop = nn.Dropout(DROPOUT)
        self.blocks = nn.Sequential(
            *(PlainBlock(block_size, heads, width) for _ in range(shape.n_layer))
        )
        self.ln_f = nn.LayerNorm(width)
        self.head = nn.Linear(width, vocabulary, bias=False)
        for name, parameter in self.named_parameters():
            if parameter.ndim == 2:
                residual = name.endswith("proj.weight")
                std = 0.02 / math.sqrt(2 * shape.n_layer) if residual else 0.02
                nn.init.normal_(parameter, std=std)
            elif name.endswith("bias"):
                nn.init.zeros_(parameter)

    def forward(self, ids: Tensor) -> Tensor:
        """Logits of each next token: (B, T) to (B, T, V)."""
        positions = torch.arange(ids.shape[1]).unsqueeze(0)
        x = self.drop(self.token_embedding(ids) + self.position_embedding(positions))
        logits: Tensor = self.head(self.ln_f(self.blocks(x)))
        return logits

    def optimizer(self) -> torch.optim.AdamW:
        """AdamW; weights of linear layers decay, all else does not."""
        linear = {module.weight for module in self.modules() if isinstance(module, nn.Linear)}
        others = [parameter for parameter in self.parameters() if parameter not in linear]
        groups = [
            {"params": [p for p in self.parameters() if p in linear], "weight_decay": WEIGHT_DECAY},
            {"params": others, "weight_decay": 0.0},
        ]
        return torch.optim.AdamW(groups, lr=LEARNING_RATE, betas=BETAS)

    def train_steps(self, ids: Tensor, batch_size: int) -> Iterator[float]:
        """Train for ever on random windows of a text, (time,): yield each step's loss.

        minGPT's trainer reads its windows through a DataLoader with four processes. They are cut
        out directly here, which is faster with so little data.
        """
        optimizer = self.optimizer()
        offsets = torch.arange(self.block_size + 1)
        while True:
            self.train()
            starts = torch.randint(len(ids) - self.block_size, (batch_size,))
            window = ids[starts[:, None] + offsets]
            logits = self(window[:, :-1])
            loss = cross_entropy(logits.view(-1, logits.size(-1)), window[:, 1:].reshape(-1))
            self.zero_grad(set_to_none=True)
            loss.backward()
            nn.utils.clip_grad_norm_(self.parameters(), CLIP)
            optimizer.step()
            yield loss.item()

    @torch.no_grad()
    def generate(
        self, ids: Tensor, count: int, *, temperature: float, top_k: int | None
    ) -> list[int]:
        """`count` tokens after `ids`, (time,): all of the last block_size are read for each."""
        self.eval()
        text = ids.unsqueeze(0)
        for _ in range(count):
            logits = self(text[:, -self.block_size :])[:, -1, :] / temperature
            if top_k is not None:
                best, _ = torch.topk(logits, top_k)
                logits[logits < best[:, [-1]]] = -math.inf
            new = torch.multinomial(logits.softmax(dim=-1), num_samples=1)
            text = torch.cat((text, new), dim=1)
        return text[0, len(ids) :].tolist()
