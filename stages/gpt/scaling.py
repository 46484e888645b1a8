"""Excess loss on the known language, by number of training tokens and by width of the GPT.

The entropy rate is known, so the excess is measured and no irreducible term has to be fitted. Each
GPT is a unit: one that is finished is kept, and one that was killed resumes. The result is shipped,
since it takes a quarter of an hour.
"""

from pathlib import Path
from typing import Annotated

import torch
from pydantic import Field
from torch import Tensor

from lab.core.artifacts import write_table
from lab.core.entry import run
from lab.core.params import Count, load
from lab.data.tokens import excerpt, read_bpe, read_tokens
from lab.training.checkpoint import FOLDER, alone, key_of, load_checkpoint, save_checkpoint
from lab.training.device import pick_device
from lab.training.gpt import Ours, Recipe, Width, train_ours
from lookingglass.gpt.divergence import divergence, mean_and_error
from lookingglass.gpt.language import Language, Predictor, fit_language, gpt_predictor
from lookingglass.gpt.vocabulary import compact

UNITS = FOLDER / "scaling"
GROWTH = 0.75
"""Steps grow as this power of the number of tokens: longer texts get more steps, fewer epochs."""

Tokens = Annotated[int, Field(ge=2000, le=10_000_000)]


class Params(Recipe):
    order: Annotated[int, Field(ge=1, le=7)]
    tokens: Annotated[list[Tokens], Field(min_length=3, max_length=20)]
    widths: Annotated[list[Width], Field(min_length=3, max_length=20)]
    width: Width
    width_tokens: Tokens
    steps: Count
    validation: Annotated[int, Field(ge=2000, le=1_000_000)]
    test: Annotated[int, Field(ge=2000, le=1_000_000)]

    def recipe(self, tokens: int, width: int) -> Ours:
        """All that the training of one GPT depends on, besides its text."""
        shared = self.model_dump(include=set(Recipe.model_fields))
        steps = max(1, round(self.steps * (tokens / max(self.tokens)) ** GROWTH))
        return Ours(**shared, n_embd=width, steps=steps)


def measure(
    truth: Language, model: Predictor, test: Tensor, block_size: int
) -> tuple[float, float]:
    """A model's excess over the truth on a text, in nats per token, with its standard error."""
    stride = block_size // 4
    found = divergence(truth, model, truth.tokens, test.unfold(0, block_size + 1, stride), stride)
    return mean_and_error(found.excess.flatten())


def one(
    params: Params,
    truth: Language,
    table: bytes,
    parts: tuple[Tensor, ...],
    tokens: int,
    width: int,
) -> list[float | int]:
    """A row of the table for a GPT of this width on this many tokens; kept if it was measured."""
    text, validation, test = parts
    recipe, device, ids = params.recipe(tokens, width), pick_device(), text[:tokens]
    drawn = [part.numpy().tobytes() for part in (ids, validation, test)]
    key = key_of(recipe, device, table, *drawn, str(params.order).encode())
    unit = UNITS / f"{tokens}_{width}.safetensors"
    if kept := load_checkpoint(unit, key):
        return list(kept[0]["row"])
    print(f"{tokens:,} tokens, width {width}: {recipe.steps} steps", flush=True)
    vocabulary = compact(table, truth.tokens, truth.tokens[:0])
    checkpoint = UNITS / f"{tokens}_{width}_training.safetensors"
    training = train_ours(
        recipe,
        vocabulary,
        ids,
        validation,
        device,
        checkpoint=checkpoint,
        key=key,
        section="scaling",
    )
    gpt = training.gpt.cpu()
    step = min(training.curve, key=lambda row: row[2])[0]
    blocks = sum(p.numel() for p in gpt.blocks.parameters())
    ngram = fit_language(ids, params.order, truth.tokens)
    row: list[float | int] = [tokens, width, blocks, step]
    for model in (gpt_predictor(gpt, truth.tokens), ngram):
        row += measure(truth, model, test, recipe.block_size)
    save_checkpoint(unit, key, {"row": row}, {"none": torch.zeros(1)})
    checkpoint.unlink()
    print(f"excess {row[4]:.4f} ± {row[5]:.4f}, of the n-gram {row[6]:.4f}", flush=True)
    return row


@alone("scaling")
def main() -> None:
    params = load("scaling", Params)
    table, book = read_bpe(), excerpt(read_tokens("data/tokens.npz")["train"])
    truth = fit_language(book, params.order)
    generator = torch.Generator().manual_seed(params.seed)
    # the other parts first: a longer text then begins with the shorter one
    validation = truth.draw(params.validation, generator)
    test = truth.draw(params.test, generator)
    text = truth.draw(max(*params.tokens, params.width_tokens), generator)
    parts = (text, validation, test)
    by_tokens = [one(params, truth, table, parts, n, params.width) for n in params.tokens]
    by_width = [
        one(params, truth, table, parts, params.width_tokens, width) for width in params.widths
    ]
    header = ["tokens", "width", "parameters", "step", "gpt", "gpt_error", "ngram", "ngram_error"]
    write_table("plots/scaling_tokens.csv", header, by_tokens)
    write_table("plots/scaling_width.csv", header, by_width)
    forget(UNITS)


def forget(folder: Path) -> None:
    """Delete the units: what is cached from now on are the tables."""
    for file in folder.glob("*.safetensors"):
        file.unlink()
    folder.rmdir()


if __name__ == "__main__":
    run(main)
