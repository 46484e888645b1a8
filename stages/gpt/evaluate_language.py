"""The GPT against the exact truth of a known language, and Kneser-Ney on the same tokens beside it.

The excess loss is what a model's loss has above the entropy rate, which no model can go below.
"""

from itertools import pairwise
from math import hypot, inf
from typing import Annotated

import torch
from pydantic import Field
from torch import Tensor

from lab.core.artifacts import read_arrays, read_metrics, write_metrics, write_table
from lab.core.entry import run
from lab.core.headline import write_headline
from lab.core.params import PARAMS, Section, Seed, load
from lab.data.tokens import excerpt, read_tokens
from lookingglass.errors import InputError
from lookingglass.gpt.divergence import (
    Divergence,
    divergence,
    improbability_of_generated,
    mean_and_error,
    times_seen,
)
from lookingglass.gpt.language import Language, Predictor, fit_language, gpt_predictor
from lookingglass.gpt.weights import load_gpt

SEEN = (0, 1, 2, 4, 16, 64, inf)
"""Contexts are grouped by how often the training text has them: from each number to the next."""
PROMPT = 16  # tokens of drawn text that a generated text continues


class Params(Section):
    stride: Annotated[int, Field(ge=1, le=1024)]
    texts: Annotated[int, Field(ge=2, le=10_000)]
    length: Annotated[int, Field(ge=1, le=1000)]
    seed: Seed


def check_stride(stride: int, block_size: int, order: int) -> None:
    if stride > block_size - order + 2:
        raise InputError(
            f"{PARAMS}: evaluate_language.stride = {stride}: must be at most "
            f"{block_size - order + 2}, so that windows of train_language.block_size hold the "
            f"tokens that a language of this order depends on"
        )


def numbers(found: Divergence, rate: float, rate_error: float) -> dict[str, float]:
    """Means over the test text, in nats per token, each with its standard error."""
    loss, error = mean_and_error(found.loss.flatten())
    result = {"loss": loss, "loss_error": error}
    for name in ("excess", "total_variation"):
        result[name], result[f"{name}_error"] = mean_and_error(getattr(found, name).flatten())
    # the same by the losses alone, as one would have it without the true distributions
    return result | {"above_rate": loss - rate, "above_rate_error": hypot(error, rate_error)}


def by_context(seen: Tensor, models: list[Divergence]) -> list[list[float | int]]:
    """For each group of contexts: from, up to, share of positions, and each model's numbers."""
    rows: list[list[float | int]] = []
    for low, high in pairwise(SEEN):
        chosen = (seen >= low) & (seen < high)
        count = int(chosen.sum())
        if count < 2:  # no error
            continue
        row: list[float | int] = [int(low), int(min(high - 1, int(seen.max()))), count / len(seen)]
        for found in models:
            row += mean_and_error(found.excess.flatten()[chosen], min(50, count))
            row.append(float(found.total_variation.flatten()[chosen].mean()))
        rows.append(row)
    return rows


def prompts_of(test: Tensor, texts: int) -> Tensor:
    """The beginnings of so many texts, evenly from the test text: (texts, PROMPT)."""
    starts = torch.linspace(0, len(test) - PROMPT, texts).long()
    return test[starts[:, None] + torch.arange(PROMPT)]


def generated(
    truth: Language,
    models: dict[str, Predictor],
    prompts: Tensor,
    params: Params,
    rate: float,
    rate_error: float,
) -> dict[str, float]:
    """How many nats per token too improbable each model's own text is; the truth's own is 0."""
    metrics = {}
    for name, model in {"truth": truth, **models}.items():
        generator = torch.Generator().manual_seed(params.seed)
        improbable = improbability_of_generated(
            truth, model, truth.tokens, prompts, params.length, generator
        )
        mean, error = mean_and_error(improbable.mean(dim=1), params.texts)
        metrics[f"{name}_improbability"] = mean - rate
        metrics[f"{name}_improbability_error"] = hypot(error, rate_error)
    return metrics


def main() -> None:
    params = load("evaluate_language", Params)
    torch.set_num_threads(1)
    exact = read_metrics("metrics/details/language.json")
    rate, rate_error, order = (exact[k] for k in ("entropy_rate", "entropy_rate_error", "order"))
    gpt = load_gpt("models/language.safetensors")
    check_stride(params.stride, gpt.config.block_size, order)
    book = excerpt(read_tokens("data/tokens.npz")["train"])
    arrays = read_arrays("data/language.npz")
    parts = {name: torch.from_numpy(array) for name, array in arrays.items()}
    truth, test = fit_language(book, order), parts["test"]
    models: dict[str, Predictor] = {
        "gpt": gpt_predictor(gpt, truth.tokens),
        "ngram": fit_language(parts["train"], order, truth.tokens),
    }
    windows = test.unfold(0, gpt.config.block_size + 1, params.stride)
    found = {
        name: divergence(truth, model, truth.tokens, windows, params.stride)
        for name, model in models.items()
    }
    surprisal, error = mean_and_error(found["gpt"].surprisal.flatten())
    prompts = prompts_of(test, params.texts)
    metrics: dict[str, float | int] = {
        "order": order,
        "entropy_rate": rate,
        "entropy_rate_error": rate_error,
        "truth_above_rate": surprisal - rate,
        "truth_above_rate_error": hypot(error, rate_error),
        "positions": found["gpt"].loss.numel(),
        "texts": params.texts,
        "length": params.length,
    }
    for name, of_model in found.items():
        metrics |= {f"{name}_{k}": v for k, v in numbers(of_model, rate, rate_error).items()}
    metrics |= generated(truth, models, prompts, params, rate, rate_error)

    memory = max(1, order - 1)
    contexts = windows.unfold(1, memory, 1)[:, -params.stride - 1 : -1].flatten(0, 1)
    seen = times_seen(parts["train"], contexts)
    columns = [f"{name}_{of}" for name in models for of in ("excess", "error", "variation")]
    write_table(
        "plots/language_contexts.csv",
        ["seen_from", "seen_to", "share", *columns],
        by_context(seen, list(found.values())),
    )
    write_metrics("metrics/details/evaluate_language.json", metrics)
    write_headline("metrics/evaluate_language.json", metrics, "gpt_excess", "ngram_excess")
    for name, title in (("gpt", "GPT"), ("ngram", f"{order}-gram")):
        print(
            f"{title}: excess {metrics[f'{name}_excess']:.4f} ± "
            f"{metrics[f'{name}_excess_error']:.4f} nats per token, total variation "
            f"{metrics[f'{name}_total_variation']:.3f}; its own text is "
            f"{metrics[f'{name}_improbability']:.2f} nats per token too improbable"
        )


if __name__ == "__main__":
    run(main)
