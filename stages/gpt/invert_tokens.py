"""Inversion with real tokens: gradient search and beam search (exercise 3.2.4, question 2).

The sentence is that of `invert`.
"""

from typing import Annotated

import pandas as pd
import torch
from pydantic import Field
from torch import Tensor

from lab.core.artifacts import write_metrics
from lab.core.entry import run
from lab.core.headline import write_headline
from lab.core.params import Section, Seed, load
from lab.data.sentence import sentence_ids
from lab.data.tables import write_frame
from lab.data.tokens import read_tokens
from lookingglass.gpt.inversion import produced
from lookingglass.gpt.model import GPT
from lookingglass.gpt.pieces import token_texts
from lookingglass.gpt.token_search import Found, beam, gcg
from lookingglass.gpt.vocabulary import token_counts
from lookingglass.gpt.weights import load_gpt


class Params(Section):
    width: Annotated[int, Field(ge=1, le=10_000)]
    steps: Annotated[int, Field(ge=0, le=100_000)]
    top_k: Annotated[int, Field(ge=1, le=50257)]
    candidates: Annotated[int, Field(ge=1, le=100_000)]
    seed: Seed


def by_token(gpt: GPT, ids: Tensor, book: Tensor, by_gcg: Found, by_beam: Found) -> pd.DataFrame:
    """The input that each search found, and what the model makes of it."""

    def texts(ids: Tensor) -> list[str]:
        return token_texts(gpt.vocabulary, ids)

    return pd.DataFrame(
        {
            "position": range(len(ids)),
            "target": texts(ids),
            "in_book": token_counts(book)[ids].tolist(),
            "gcg_input": texts(by_gcg.ids),
            "gcg_output": texts(produced(gpt, by_gcg.ids[None])[0]),
            "beam_input": texts(by_beam.ids),
            "beam_output": texts(produced(gpt, by_beam.ids[None])[0]),
        }
    )


def main() -> None:
    params = load("invert_tokens", Params)
    torch.set_num_threads(1)
    gpt = load_gpt("models/gpt.safetensors")
    ids = sentence_ids(gpt)
    book = read_tokens("data/tokens.npz")["train"]

    by_gcg, losses = gcg(
        gpt, ids, steps=params.steps, top_k=params.top_k, candidates=params.candidates,
        generator=torch.Generator().manual_seed(params.seed),
    )  # fmt: skip
    by_beam = beam(gpt, ids, width=params.width)
    metrics = {
        "tokens": len(ids),
        "gcg_match": by_gcg.match,
        "gcg_loss": by_gcg.loss,
        "gcg_steps": int(losses.argmin()),  # the first step with the final loss
        "beam_match": by_beam.match,
        "beam_loss": by_beam.loss,
        "beam_width": params.width,
    }

    write_frame("data/invert_tokens.csv", by_token(gpt, ids, book, by_gcg, by_beam))
    write_metrics("metrics/details/invert_tokens.json", metrics)
    write_headline("metrics/invert_tokens.json", metrics, match="beam_match")
    print(f"of {len(ids)} tokens, GCG's input produces {by_gcg.match}, the beam's {by_beam.match}")
    print(f"GCG: {gpt.decode(by_gcg.ids)!r}; beam: {gpt.decode(by_beam.ids)!r}")


if __name__ == "__main__":
    run(main)
