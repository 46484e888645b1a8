"""The network of model.py for one text and one token at a time, which is what generation needs.

A single token is a vector, not a matrix, and computing with it is mostly reading the weights. So
there is nothing here but that: products of matrix and vector, keys and values written where they
stay, and a head that lies in memory in the order in which it is read. With the modules of model.py
a token takes half as long again.
"""

import torch
from jaxtyping import Float, Int64
from torch import Tensor, addmv
from torch.nn.functional import gelu, layer_norm, scaled_dot_product_attention

from lookingglass.gpt.model import GPT, Block, Cache


class Decoder:
    """Reads a text's beginning at once, then goes on by a token, up to the last position."""

    def __init__(self, gpt: GPT) -> None:
        config, weight = gpt.config, gpt.token_embedding.weight
        shape = config.n_layer, 2, config.n_head, config.block_size, config.n_embd // config.n_head
        self.gpt = gpt
        self.time = 0
        self.keys_values = torch.empty(shape, dtype=weight.dtype, device=weight.device)
        self.head = weight.T.contiguous().T  # column by column

    def read(self, ids: Int64[Tensor, " T"]) -> Float[Tensor, " V"]:
        """Start anew with these tokens; logits of the next. Raises ValueError for too many."""
        cache = Cache()
        x = self.gpt.features(ids[None], cache=cache)[0, -1]
        self.time = cache.time
        for place, present in zip(self.keys_values, cache.blocks, strict=True):
            place[:, :, : self.time] = torch.cat(present)  # of the one text
        return addmv(self.gpt.bias, self.head, x)

    def step(self, id: int) -> Float[Tensor, " V"]:
        """Go on with this token; logits of the next. Raises ValueError where no position is left.

        What gpt(...) gives for the whole text, to within rounding.
        """
        gpt, time = self.gpt, self.time
        if time == gpt.config.block_size:
            raise ValueError(f"{time + 1} tokens; there are positions for {time}")
        self.time += 1
        width, heads = gpt.config.n_embd, gpt.config.n_head
        x = gpt.token_embedding.weight[gpt.row[id]] + gpt.position_embedding.weight[time]
        for block, keys_values in zip(gpt.blocks, self.keys_values, strict=True):
            assert isinstance(block, Block)
            attention = block.attention
            normed = layer_norm(x, (width,), block.norm_1.weight, block.norm_1.bias)
            qkv = addmv(attention.qkv.bias, attention.qkv.weight, normed).view(3, heads, -1)
            keys_values[:, :, time] = qkv[1:]
            k, v = keys_values[:, None, :, : time + 1]
            y = scaled_dot_product_attention(qkv[0, None, :, None], k, v).view(width)
            x = x + addmv(attention.project.bias, attention.project.weight, y)

            normed = layer_norm(x, (width,), block.norm_2.weight, block.norm_2.bias)
            hidden = gelu(addmv(block.expand.bias, block.expand.weight, normed), approximate="tanh")
            x = x + addmv(block.contract.bias, block.contract.weight, hidden)
        return addmv(gpt.bias, self.head, layer_norm(x, (width,), gpt.norm.weight, gpt.norm.bias))
