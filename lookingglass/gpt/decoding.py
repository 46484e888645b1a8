"""The network of model.py for one text and one token at a time, which is what generation needs.

A single token is a vector, not a matrix, and computing with it is mostly reading the weights, and
calling torch. So there is little here but products of matrix and vector: they write where their
result is read, what can be looked up or cut out for all blocks at once is, and the head lies in
memory in the order in which it is read. With the modules of model.py a token takes over twice as
long.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from jaxtyping import Float, Int64
from torch import Tensor, addmv, layer_norm
from torch.nn.functional import gelu, scaled_dot_product_attention

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
        heads, width = config.n_head, config.n_embd
        shape = config.n_layer, 2, heads, config.block_size, width // heads
        self.gpt = gpt
        self.time = 0
        self.keys_values = torch.empty(shape, dtype=weight.dtype, device=weight.device)
        self.qkv = weight.new_empty(3 * width)
        query, *_ = by_part = self.qkv.view(3, heads, -1)
        self.query, self.key_value = query[None, :, None], by_part[1:]
        self.blocks = [[part.detach() for part in block.parameters()] for block in gpt.blocks]
        self.norm = gpt.norm.weight.detach(), gpt.norm.bias.detach()
        self.tokens, self.positions = weight, gpt.position_embedding.weight.detach()
        self.row, self.bias = gpt.row.numpy(force=True), gpt.bias.detach()
        self.head = weight.T.contiguous().T  # column by column

    @torch.inference_mode()
    def read(self, ids: Int64[Tensor, " T"]) -> Float[Tensor, " V"]:
        """Start anew with these tokens; logits of the next. Raises ValueError for too many."""
        cache = Cache()
        x = self.gpt.features(ids[None], cache=cache)[0, -1]
        self.time = cache.time
        for place, present in zip(self.keys_values, cache.blocks, strict=True):
            place[:, :, : self.time] = torch.cat(present)  # of the one text
        return addmv(self.bias, self.head, x)

    @one_thread()
    @torch.inference_mode()
    def step(self, id: int) -> Float[Tensor, " V"]:
        """Go on with this token; logits of the next. Raises ValueError where no position is left.

        What gpt(...) gives for the whole text, to within rounding.
        """
        time = self.time
        if time == len(self.positions):
            raise ValueError(f"{time + 1} tokens; there are positions for {time}")
        self.time += 1
        x = self.tokens[int(self.row[id])] + self.positions[time]
        shape = x.shape
        places = self.keys_values[:, :, :, time].unbind()
        pasts = self.keys_values[:, :, None, :, : time + 1].flatten(0, 1).unbind()
        for block, place, k, v in zip(self.blocks, places, pasts[::2], pasts[1::2], strict=True):
            gain_1, shift_1, w_qkv, b_qkv, w_project, b_project = block[:6]
            gain_2, shift_2, w_expand, b_expand, w_contract, b_contract = block[6:]

            addmv(b_qkv, w_qkv, layer_norm(x, shape, gain_1, shift_1), out=self.qkv)
            place.copy_(self.key_value)
            y = scaled_dot_product_attention(self.query, k, v).view(shape)
            x = addmv(b_project, w_project, y).add_(x)

            hidden = addmv(b_expand, w_expand, layer_norm(x, shape, gain_2, shift_2))
            x = addmv(b_contract, w_contract, gelu(hidden, approximate="tanh")).add_(x)
        return addmv(self.bias, self.head, layer_norm(x, shape, *self.norm))
