"""What the explorer needs of the GPT, the tokens and the n-gram model, as a few named arrays."""

import base64
from dataclasses import asdict
from typing import Any

import numpy as np
from jaxtyping import Int64
from torch import Tensor

from lookingglass.gpt.model import GPT


def pack_gpt(gpt: GPT, training_ids: Int64[Tensor, " time"], ngram_order: int) -> dict[str, Any]:
    """The configuration, weights and the rest as a tree of arrays, for explorer/lib/gpt/index.js.

    Weights keep their names in torch. Matrices become float16, which halves the page; vectors do
    not, since the head's bias, a log probability, needs the digits. `pieces` are the
    bytes of GPT-2's tokens one after the other, each as long as `piece_lengths` says. The
    vocabulary's prior follows from `classes`, and the n-gram model from the ids in `training`, so
    the page computes both.
    """
    vocabulary = gpt.vocabulary
    pieces = [base64.b64decode(line.split()[0]) for line in vocabulary.table.splitlines()]
    own = len(vocabulary.tokens)
    return {
        "config": asdict(gpt.config),
        "tensors": {
            name: (weight.half() if weight.ndim == 2 else weight).numpy()
            for name, weight in gpt.state_dict().items()
        },
        "pieces": np.frombuffer(b"".join(pieces), np.uint8),
        "piece_lengths": np.array([len(piece) for piece in pieces], np.uint8),
        "tokens": vocabulary.tokens.numpy().astype(np.uint16),
        "classes": (vocabulary.class_row - own).numpy().astype(np.uint8),
        "training": training_ids.numpy().astype(np.uint16),
        "order": ngram_order,
    }
