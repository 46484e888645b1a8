"""Inversion: input vectors that make the frozen GPT say a given sentence (exercise 3.2.4, 2)."""

from typing import Annotated

import torch
from pydantic import Field

from lab.core.artifacts import write_metrics, write_table
from lab.core.entry import run
from lab.core.headline import headline
from lab.core.params import Section, Seed, load
from lab.data.sentence import Sentence, sentence_ids
from lab.training.progress import progress
from lookingglass.gpt.inversion import Inversion, invert, nearest, produced
from lookingglass.gpt.pieces import first_texts, pieces, token_texts
from lookingglass.gpt.reach import reach
from lookingglass.gpt.weights import load_gpt

Rate = Annotated[float, Field(gt=0, le=10)]


class Params(Section):
    sentence: Sentence
    restarts: Annotated[int, Field(ge=1, le=1000)]
    steps: Annotated[int, Field(ge=1, le=100_000)]
    learning_rate: Rate
    rates: Annotated[list[Rate], Field(min_length=2, max_length=20)]
    seed: Seed


def main() -> None:
    params = load("invert", Params)
    torch.set_num_threads(1)
    gpt = load_gpt("models/gpt.safetensors")
    ids = sentence_ids(gpt)

    def at(rate: float, steps: int = params.steps) -> Inversion:
        return invert(
            gpt,
            ids,
            restarts=params.restarts,
            steps=steps,
            learning_rate=rate,
            generator=torch.Generator().manual_seed(params.seed),
        )

    rates = sorted({*params.rates, params.learning_rate})
    runs = dict(zip(rates, progress(map(at, rates), total=len(rates), title="rates"), strict=True))
    found, start = runs[params.learning_rate], at(params.learning_rate, steps=0)
    solved = {rate: int((run.best == len(ids)).sum()) for rate, run in runs.items()}
    likely = reach(gpt, ids)
    near, by_chance = nearest(gpt, found.vectors), nearest(gpt, start.vectors)
    snapped = produced(gpt, near.cosine_ids) == ids
    snapped_by_distance = produced(gpt, near.ids) == ids
    hits = produced(gpt, embeddings=found.vectors) == ids
    texts = token_texts(gpt.vocabulary, ids)

    curves = zip(found.losses.tolist(), found.matches.tolist(), strict=True)
    write_table(
        "plots/invert.csv",
        ["step", "restart", "loss", "match"],
        [
            (step, restart, *values)
            for step, row in enumerate(curves)
            for restart, values in enumerate(zip(*row, strict=True))
        ],
    )
    write_table(
        "data/invert_rates.csv",
        ["rate", "restarts_matched", "match", "steps", "loss"],
        [
            (
                rate,
                solved[rate],
                float(run.best.double().mean()),
                float(run.first.double().median()),
                float(run.losses[-1].mean()),
            )
            for rate, run in runs.items()
        ],
    )
    write_table(
        "data/invert.csv",
        [
            "position",
            "token",
            "piece",
            "produced",
            "snapped",
            "log_prob",
            "usual_lead",
            "lead_bound",
        ],
        zip(
            range(len(ids)),
            texts,
            first_texts(pieces(gpt.vocabulary, ids)),
            hits.sum(dim=0).tolist(),
            snapped.sum(dim=0).tolist(),
            likely.log_prob.tolist(),
            likely.usual_lead.tolist(),
            likely.lead_bound.tolist(),
            strict=True,
        ),
    )
    floor = -float(likely.log_prob.mean())
    metrics = {
        "tokens": len(ids),
        "restarts": params.restarts,
        "restarts_matched": solved[params.learning_rate],
        "match": float(found.best.double().mean()),
        "steps_median": float(found.first.double().median()),
        "steps_max": int(found.first.max()),
        "loss": float(found.losses[-1].mean()),
        "loss_floor": floor,
        "possible": int((likely.lead_bound > 0).sum()),
        "likely": int((likely.usual_lead > 0).sum()),
        "nearest_cosine": float(near.cosine.mean()),
        "nearest_cosine_start": float(by_chance.cosine.mean()),
        "nearest_distance": float(near.distance.mean()),
        "norm": float(found.vectors.norm(dim=-1).mean()),
        "token_norm": float(gpt.token_embedding.weight.norm(dim=-1).mean()),
        "snapped_match": float(snapped.sum(dim=1).double().mean()),
        "snapped_distance_match": float(snapped_by_distance.sum(dim=1).double().mean()),
    }
    metrics |= {f"rate_{rate:g}_restarts_matched": count for rate, count in solved.items()}
    write_metrics("metrics/details/invert.json", metrics)
    write_metrics("metrics/invert.json", headline(metrics, "match", steps="steps_median"))
    print(
        f"{metrics['restarts_matched']} of {params.restarts} restarts produce all {len(ids)} "
        f"tokens, {metrics['match']:.2g} on average, and no more after step {metrics['steps_max']};"
        f" loss {metrics['loss']:.3f}, where no input has less than {floor:.3f}"
    )
    impossible = [text for text, lead in zip(texts, likely.lead_bound, strict=True) if lead < 0]
    if impossible:
        print(f"no input at all makes these the likeliest: {', '.join(map(repr, impossible))}")
    print(
        f"with the nearest real tokens in their place, {metrics['snapped_match']:.2g} are produced"
    )


if __name__ == "__main__":
    run(main)
