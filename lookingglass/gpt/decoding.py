"""The network of model.py for one text and one token at a time, which is what generation needs.

A single token is a vector, not a matrix, and computing with it is mostly reading the weights. So
there is nothing here but that: products of matrix and vector, keys and values written where they
stay, and a head that lies in memory in the order in which it is read. With the modules of model.py
a token takes half as long again.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from jaxtyping import Float, Int64
from torch import Tensor, addmv
from torch.nn.functional import gelu, layer_norm, scaled_dot_product_attention

from lookingglass.gpt.model import GPT, Cache


@contextmanager
def one_thread() -> Iterator[None]:
    """What is too little work to be shared: to meet the other threads would take longer than it.

    Where the processor is busy with something else, a hundred times as long.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


class Decoder:
    """Reads a text's beginning at once, then goes on by a token, up to the last position."""

    def __init__(self, gpt: GPT) -> None:
        config, weight = gpt.config, gpt.token_embedding.weight.detach()
        shape = config.n_layer, 2, config.n_head, config.block_size, config.n_embd // config.n_head
        self.gpt = gpt
        self.time = 0
        self.keys_values = torch.empty(shape, dtype=weight.dtype, device=weight.device)
        # in a module, looking them up takes a tenth of a token's time
        self.blocks = [list(block.parameters()) for block in gpt.blocks]
        self.head = weight.T.contiguous().T  # column by column

    @torch.inference_mode()
    def read(self, ids: Int64[Tensor, " T"]) -> Float[Tensor, " V"]:
        """Start anew with these tokens; logits of the next. Raises ValueError for too many."""
        cache = Cache()
        x = self.gpt.features(ids[None], cache=cache)[0, -1]
        self.time = cache.time
        for place, present in zip(self.keys_values, cache.blocks, strict=True):
            place[:, :, : self.time] = torch.cat(present)  # of the one text
        return addmv(self.gpt.bias, self.head, x)

    @one_thread()
    @torch.inference_mode()
    def step(self, id: int) -> Float[Tensor, " V"]:
        """Go on with this token; logits of the next. Raises ValueError where no position is left.

        What gpt(...) gives for the whole text, to within rounding.
        """
        gpt, time = self.gpt, self.time
        if time == gpt.config.block_size:
            raise ValueError(f"{time + 1} tokens; there are positions for {time}")
        self.time += 1
        shape, heads = (gpt.config.n_embd,), gpt.config.n_head
        x = gpt.token_embedding.weight[gpt.row[id]] + gpt.position_embedding.weight[time]
        for weights, keys_values in zip(self.blocks, self.keys_values, strict=True):
            gain_1, shift_1, w_qkv, b_qkv, w_project, b_project = weights[:6]
            gain_2, shift_2, w_expand, b_expand, w_contract, b_contract = weights[6:]

            qkv = addmv(b_qkv, w_qkv, layer_norm(x, shape, gain_1, shift_1)).view(3, heads, -1)
            keys_values[:, :, time] = qkv[1:]
            k, v = keys_values[:, None, :, : time + 1]
            y = scaled_dot_product_attention(qkv[0, None, :, None], k, v).view(shape)
            x = x + addmv(b_project, w_project, y)

            hidden = addmv(b_expand, w_expand, layer_norm(x, shape, gain_2, shift_2))
            x = x + addmv(b_contract, w_contract, gelu(hidden, approximate="tanh"))
        return addmv(gpt.bias, self.head, layer_norm(x, shape, gpt.norm.weight, gpt.norm.bias))
