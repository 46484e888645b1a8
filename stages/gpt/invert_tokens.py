"""The sentence from real tokens: a gradient search and a beam over all tokens (exercise 3.2.4, 2).

The sentence is that of `invert`.
"""

from typing import Annotated

import torch
from pydantic import Field

from lab.core.artifacts import read_arrays, write_metrics, write_table
from lab.core.entry import run
from lab.core.headline import headline
from lab.core.params import Section, Seed, load
from lab.data.sentence import sentence_ids
from lookingglass.gpt.inversion import produced
from lookingglass.gpt.pieces import token_texts
from lookingglass.gpt.token_search import Found, beam, gcg
from lookingglass.gpt.weights import load_gpt


class Params(Section):
    width: Annotated[int, Field(ge=1, le=10_000)]
    steps: Annotated[int, Field(ge=0, le=100_000)]
    top_k: Annotated[int, Field(ge=1, le=50257)]
    candidates: Annotated[int, Field(ge=1, le=100_000)]
    seed: Seed


def main() -> None:
    params = load("invert_tokens", Params)
    torch.set_num_threads(1)
    gpt = load_gpt("models/gpt.safetensors")
    ids = sentence_ids(gpt)
    book = torch.from_numpy(read_arrays("data/tokens.npz")["train"])

    by_gcg, losses = gcg(
        gpt,
        ids,
        steps=params.steps,
        top_k=params.top_k,
        candidates=params.candidates,
        generator=torch.Generator().manual_seed(params.seed),
    )
    by_beam = beam(gpt, ids, width=params.width)

    def columns(found: Found) -> list[list[str]]:
        made = produced(gpt, found.ids[None])[0]
        return [token_texts(gpt.vocabulary, ids) for ids in (found.ids, made)]

    in_book = [int((book == id).sum()) for id in ids]
    header = ["position", "target", "in_book", "gcg_input", "gcg_output", "beam_input"]
    write_table(
        "data/invert_tokens.csv",
        [*header, "beam_output"],
        zip(
            range(len(ids)),
            token_texts(gpt.vocabulary, ids),
            in_book,
            *columns(by_gcg),
            *columns(by_beam),
            strict=True,
        ),
    )
    metrics = {
        "tokens": len(ids),
        "gcg_match": by_gcg.match,
        "gcg_loss": by_gcg.loss,
        "gcg_steps": int(losses.argmin()),  # the first at which it was as low as in the end
        "beam_match": by_beam.match,
        "beam_loss": by_beam.loss,
        "beam_width": params.width,
    }
    write_metrics("metrics/details/invert_tokens.json", metrics)
    write_metrics("metrics/invert_tokens.json", headline(metrics, match="beam_match"))
    print(f"of {len(ids)} tokens, GCG's input produces {by_gcg.match}, the beam's {by_beam.match}")
    print(f"GCG: {gpt.decode(by_gcg.ids)!r}; beam: {gpt.decode(by_beam.ids)!r}")


if __name__ == "__main__":
    run(main)
