"""transformers' GPT-2, trained and generating as its documentation has it."""

import importlib
from collections.abc import Iterator

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from lookingglass.errors import InputError
from lookingglass.gpt.model import Config
from lookingglass.gpt.vocabulary import SIZE


class Peer:
    """An untrained GPT-2 of a given shape, with the dropout of its default, 0.1.

    Raises InputError where transformers is not installed.
    """

    def __init__(self, shape: Config) -> None:
        try:
            library = importlib.import_module("transformers")
        except ImportError as error:
            raise InputError(
                f"{error.name}: not installed; "
                "python -m pip install -c constraints.txt -e '.[benchmark]' brings it"
            ) from error
        config = library.GPT2Config(
            vocab_size=SIZE,
            n_positions=shape.block_size,
            n_embd=shape.n_embd,
            n_layer=shape.n_layer,
            n_head=shape.n_head,
            bos_token_id=None,
            eos_token_id=None,
        )
        self.block_size = shape.block_size
        self.model: nn.Module = library.GPT2LMHeadModel(config)

    def train_steps(
        self, ids: Tensor, batch_size: int, precision: torch.dtype = torch.float32
    ) -> Iterator[float]:
        """Train for ever on random windows of a text, (time,): yield each step's loss.

        AdamW is fused, gradients are clipped at 1 and bfloat16 is autocast's, as in its Trainer.
        """
        optimizer = torch.optim.AdamW(self.model.parameters(), lr=5e-4, fused=True)
        offsets = torch.arange(self.block_size + 1)
        while True:
            self.model.train()
            starts = torch.randint(len(ids) - self.block_size, (batch_size,))
            window = ids[starts[:, None] + offsets]
            with torch.autocast("cpu", torch.bfloat16, enabled=precision == torch.bfloat16):
                logits = self.model(input_ids=window[:, :-1], use_cache=False).logits
                loss = cross_entropy(logits.flatten(0, 1), window[:, 1:].flatten())
            self.model.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
            optimizer.step()
            yield loss.item()

    def generate(self, ids: Tensor, count: int, *, temperature: float, top_k: int) -> list[int]:
        """`count` tokens after `ids`, (time,), drawn with its cache of keys and values."""
        self.model.eval()
        text = self.model.generate(  # type: ignore[operator]
            ids[None],
            attention_mask=torch.ones_like(ids[None]),
            max_new_tokens=count,
            do_sample=True,
            temperature=temperature,
            top_k=top_k,
            pad_token_id=0,
        )
        new: list[int] = text[0, len(ids) :].tolist()
        return new
