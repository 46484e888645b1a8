"""Inversion: input vectors that make the frozen GPT output a given sentence (exercise 3.2.4, 2)."""

from typing import Annotated, Any

import pandas as pd
import torch
from pydantic import Field
from torch import Tensor

from lab.core.artifacts import write_arrays, write_metrics
from lab.core.entry import run
from lab.core.headline import write_headline
from lab.core.params import Section, Seed, load
from lab.core.progress import progress
from lab.data.sentence import Sentence, sentence_ids
from lab.data.tables import write_frame
from lookingglass.gpt.inversion import Inversion, invert, iterate, nearest, produced
from lookingglass.gpt.model import GPT
from lookingglass.gpt.pieces import first_texts, pieces, token_texts
from lookingglass.gpt.reach import Reach, reach
from lookingglass.gpt.recording import record
from lookingglass.gpt.weights import load_gpt

Rate = Annotated[float, Field(gt=0, le=10)]


class Params(Section):
    sentence: Sentence
    restarts: Annotated[int, Field(ge=1, le=1000)]
    steps: Annotated[int, Field(ge=1, le=100_000)]
    learning_rate: Rate
    rates: Annotated[list[Rate], Field(min_length=2, max_length=20)]
    seed: Seed


def options(params: Params, rate: float, steps: int) -> dict[str, Any]:
    """The arguments of `invert` and `iterate`, with the same initial vectors for every rate."""
    return {
        "restarts": params.restarts,
        "steps": steps,
        "learning_rate": rate,
        "generator": torch.Generator().manual_seed(params.seed),
    }


def invert_at(gpt: GPT, ids: Tensor, params: Params, rate: float) -> Inversion:
    """All restarts with this learning rate."""
    return invert(gpt, ids, **options(params, rate, params.steps))


def solved(found: Inversion, ids: Tensor) -> int:
    """How many restarts produce the whole sentence."""
    return int((found.best == len(ids)).sum())


def by_step(found: Inversion) -> pd.DataFrame:
    """Loss and matches of every restart at every step."""
    steps, restarts = found.losses.shape
    return pd.DataFrame(
        {
            "step": torch.arange(steps).repeat_interleave(restarts),
            "restart": torch.arange(restarts).repeat(steps),
            "loss": found.losses.flatten().tolist(),
            "match": found.matches.flatten().tolist(),
        }
    )


def by_rate(runs: dict[float, Inversion], ids: Tensor) -> pd.DataFrame:
    """How far each learning rate gets."""
    return pd.DataFrame(
        {
            "rate": rate,
            "restarts_matched": solved(found, ids),
            "match": float(found.best.double().mean()),
            "steps": float(found.first.double().median()),
            "loss": float(found.losses[-1].mean()),
        }
        for rate, found in runs.items()
    )


def by_token(gpt: GPT, ids: Tensor, found: Inversion, limits: Reach) -> pd.DataFrame:
    """How many restarts produce each token, also once projected, and what any input could do."""
    hits = produced(gpt, embeddings=found.vectors) == ids
    snapped = produced(gpt, nearest(gpt, found.vectors).cosine_ids) == ids
    return pd.DataFrame(
        {
            "position": range(len(ids)),
            "token": token_texts(gpt.vocabulary, ids),
            "piece": first_texts(pieces(gpt.vocabulary, ids)),
            "produced": hits.sum(dim=0).tolist(),
            "snapped": snapped.sum(dim=0).tolist(),
            "log_prob": limits.log_prob.tolist(),
            "usual_lead": limits.usual_lead.tolist(),
            "lead_bound": limits.lead_bound.tolist(),
        }
    )


def measure(
    gpt: GPT, ids: Tensor, found: Inversion, start: Inversion, limits: Reach
) -> dict[str, float]:
    """The inversion in numbers; `start` has the vectors that it started from."""
    near = nearest(gpt, found.vectors)
    snapped = produced(gpt, near.cosine_ids) == ids
    snapped_by_distance = produced(gpt, near.ids) == ids
    return {
        "tokens": len(ids),
        "restarts": len(found.best),
        "restarts_matched": solved(found, ids),
        "match": float(found.best.double().mean()),
        "steps_median": float(found.first.double().median()),
        "steps_max": int(found.first.max()),
        "loss": float(found.losses[-1].mean()),
        "loss_floor": -float(limits.log_prob.mean()),
        "possible": int((limits.lead_bound > 0).sum()),
        "likely": int((limits.usual_lead > 0).sum()),
        "nearest_cosine": float(near.cosine.mean()),
        "nearest_cosine_start": float(nearest(gpt, start.vectors).cosine.mean()),
        "nearest_distance": float(near.distance.mean()),
        "norm": float(found.vectors.norm(dim=-1).mean()),
        "token_norm": float(gpt.token_embedding.weight.norm(dim=-1).mean()),
        "snapped_match": float(snapped.sum(dim=1).double().mean()),
        "snapped_distance_match": float(snapped_by_distance.sum(dim=1).double().mean()),
    }


def main() -> None:
    params = load("invert", Params)
    torch.set_num_threads(1)
    gpt = load_gpt("models/gpt.safetensors")
    ids = sentence_ids(gpt)

    rates, rate = sorted({*params.rates, params.learning_rate}), params.learning_rate
    runs = {
        each: invert_at(gpt, ids, params, each)
        for each in progress(rates, total=len(rates), title="rates")
    }
    found = runs[rate]
    start = invert(gpt, ids, **options(params, rate, steps=0))
    recording = record(iterate(gpt, ids, **options(params, rate, params.steps)), found)
    limits = reach(gpt, ids)
    metrics = measure(gpt, ids, found, start, limits)
    metrics |= {f"rate_{each:g}_restarts_matched": solved(runs[each], ids) for each in rates}
    tokens = by_token(gpt, ids, found, limits)

    write_frame("plots/invert.csv", by_step(found))
    write_frame("data/invert_rates.csv", by_rate(runs, ids))
    write_frame("data/invert.csv", tokens)
    write_arrays(
        "data/inversion.npz",
        restart=recording.restart,
        ids=ids.numpy(),
        steps=recording.steps.numpy(),
        vectors=recording.vectors.numpy(),
    )
    write_metrics("metrics/details/invert.json", metrics)
    write_headline("metrics/invert.json", metrics, "match", steps="steps_median")
    print(
        f"{metrics['restarts_matched']} of {params.restarts} restarts produce all {len(ids)} "
        f"tokens, {metrics['match']:.2g} on average, after at most {metrics['steps_max']} steps; "
        f"loss {metrics['loss']:.3f}, best hidden states {metrics['loss_floor']:.3f}"
    )
    if impossible := [repr(text) for text in tokens.token[tokens.lead_bound < 0]]:
        print(f"no input makes these the likeliest: {', '.join(impossible)}")
    print(
        f"projected to the nearest token embeddings, the vectors produce "
        f"{metrics['snapped_match']:.2g} tokens"
    )


if __name__ == "__main__":
    run(main)
