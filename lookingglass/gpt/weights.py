"""A trained GPT as one file: weights, shape, vocabulary with GPT-2's table, and a checksum."""

import dataclasses
from pathlib import Path

import torch

from lookingglass.errors import InputError
from lookingglass.gpt.model import GPT, Config
from lookingglass.gpt.vocabulary import Vocabulary
from lookingglass.tensors import dump_tensors, load_tensors, name_of

KIND = "GPT"


def dump_gpt(gpt: GPT) -> bytes:
    """The bytes of a .safetensors file; the same model gives the same bytes."""
    vocabulary = gpt.vocabulary
    tensors = {
        "vocabulary.table": torch.frombuffer(bytearray(vocabulary.table), dtype=torch.uint8),
        "vocabulary.tokens": vocabulary.tokens,
        "vocabulary.log_prior": vocabulary.log_prior,
    }
    return dump_tensors(KIND, dataclasses.asdict(gpt.config), tensors | gpt.state_dict())


def load_gpt(source: str | Path | bytes) -> GPT:
    """The GPT in a file, or in its bytes, on the CPU; it needs nothing else, and no network.

    Raises InputError, with one line, for what is not such a file or is damaged.
    """
    config, tensors = load_tensors(KIND, source)
    try:
        vocabulary = Vocabulary(
            tensors.pop("vocabulary.table").numpy().tobytes(),
            tensors.pop("vocabulary.tokens"),
            tensors.pop("vocabulary.log_prior"),
        )
        gpt = GPT(Config(**config), vocabulary)
        gpt.load_state_dict(tensors)
    except (ValueError, KeyError, TypeError, RuntimeError) as error:
        raise InputError(f"{name_of(source)}: not a {KIND}, or damaged") from error
    return gpt.requires_grad_(False).eval()
