"""The sentence `invert.sentence`, which the stages `invert` and `invert_tokens` share."""

from typing import Annotated

from jaxtyping import Int64
from pydantic import ConfigDict, Field
from torch import Tensor

from lab.core.params import PARAMS, Section, load
from lookingglass.errors import InputError
from lookingglass.gpt.inversion import check_text
from lookingglass.gpt.model import GPT

Sentence = Annotated[str, Field(min_length=1)]


class Shared(Section):
    """The part of the section `invert` that both stages read."""

    model_config = ConfigDict(extra="ignore")

    sentence: Sentence


def sentence_ids(gpt: GPT) -> Int64[Tensor, " time"]:
    """The token ids of the sentence.

    Raises InputError if it does not fit into the model's block or has tokens without a row.
    """
    ids = gpt.encode(load("invert", Shared).sentence)
    try:
        check_text(gpt, ids)
    except ValueError as error:
        raise InputError(
            f"{PARAMS}: invert.sentence: {error}; must fit into train_gpt.block_size, and have all "
            "its tokens in the book's training part or in a text of tokens.reserved"
        ) from error
    return ids
