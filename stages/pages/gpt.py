"""The page of the GPT."""

import math
import tomllib
from pathlib import Path, PurePosixPath
from typing import Any

from lab.core.artifacts import read_arrays, read_bytes, read_metrics
from lab.core.params import load
from lookingglass.errors import InputError
from stages.pages.words import Recipe, code, page, read_weights, table

# of Alice as it is distributed; only of this text does the page say what is true of Alice
ALICE = "f00b287e63f5ae3442dc5b9c4bf18650adaf3b7f5034f7be5460089b934a0752"


def source() -> dict[str, Any]:
    """What a .toml says of where the text comes from; nothing of a text of the user's own."""
    file = load("corpus", Recipe).values["file"]
    if not file.endswith(".toml"):
        return {}
    try:
        return tomllib.loads(Path(file).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"{file}: must be TOML that says where a text comes from") from error


def is_alice() -> bool:
    return source().get("sha256") == ALICE


def text() -> str:
    size = f"{len(read_bytes('data/alice.txt')):,} bytes"
    parts = read_arrays("data/tokens.npz")
    train, validation, test = (len(parts[name]) for name in ("train", "validation", "test"))
    said = (
        f"Of its {train + validation + test:,} tokens, the first {train:,} are for training, the "
        f"next {validation:,} say which step's weights to keep, and the last {test:,} it has "
        "never seen: it is measured on them."
    )
    given = source()
    if not given:
        name = PurePosixPath(load("corpus", Recipe).values["file"]).name
        origin = (
            f"A text of the user's own, {code(name)}, {size}. Of who wrote it, and of rights in "
            "it, this page knows nothing."
        )
    elif is_alice():
        origin = (
            f"*Alice's Adventures in Wonderland* by Lewis Carroll, of 1865, {size}: Project "
            "Gutenberg's eBook 11, without its licence and credits. The book is in the public "
            f"domain in the United States. It comes from the archive of `{given['requirement']}` "
            f"(`{given['member']}`), known by its hash, and is not in this repository."
        )
    else:
        origin = (
            f"A text of {size}, {code(given['member'])} from the archive of "
            f"{code(given['requirement'])}. "
            "Of who wrote it, and of rights in it, this page knows nothing."
        )
    return f"{origin} {said}"


def recipe() -> str:
    made = load("train_gpt", Recipe).values
    return (
        f"{made['steps']:,} steps of {made['batch_size']} windows of {made['block_size']} tokens; "
        f"Muon at {made['muon_rate']:g} for the blocks' matrices and AdamW at "
        f"{made['adam_rate']:g} for the rest, rising for {made['warmup']} steps and then falling "
        f"along a cosine; weight decay {made['weight_decay']:g}, dropout {made['dropout']:g}. A "
        f"token that occurs once is taken for a rare one with a chance of {made['rare']:g}. All of "
        "it: `train_gpt` in `params.yaml`."
    )


def losses(gpt: dict[str, Any], ngram: dict[str, Any]) -> str:
    mixed = gpt["mixture_loss"]
    bits = mixed * gpt["bits_per_byte"] / gpt["loss"]  # of the same tokens
    columns = [
        [f"{loss:.3f}", f"{bits_per_byte:.3f}", f"{math.exp(loss):.1f}"]
        for loss, bits_per_byte in (
            (gpt["loss"], gpt["bits_per_byte"]),
            (ngram["loss"], ngram["bits_per_byte"]),
            (mixed, bits),
        )
    ]
    names = ["nats per token", "bits per byte", "perplexity"]
    header = ["", "GPT", f"{ngram['order']}-gram", "both, mixed"]
    return table(header, [list(row) for row in zip(names, *columns, strict=True)])


def judged(gpt: dict[str, Any], ngram: dict[str, Any]) -> str:
    name = f"{ngram['order']}-gram model"
    gain = ngram["loss"] - gpt["loss"]
    said = (
        f"It predicts the text's end better than the {name} of the same tokens, by {gain:.2f} nats "
        "per token."
        if gain > 0
        else f"It predicts the text's end no better than the {name} of the same tokens, which "
        f"takes {-gain:.2f} nats less per token."
    )
    if gpt["mixture_loss"] < min(gpt["loss"], ngram["loss"]):
        said += (
            f" Mixed, with a weight of {gpt['mixture_weight']:.2f} for the GPT, both do better "
            "than either alone: each knows something that the other does not."
        )
    else:
        said += " Mixed with it, it does no better."
    if gpt["loss"] > gpt["validation_loss"]:
        said += (
            f" On the part before, the loss is {gpt['validation_loss']:.2f}: the end is the harder "
            "to predict."
        )
    return said


def vocabulary(rows: int) -> str:
    kind = load("tokens", Recipe).values["vocabulary"]
    if kind == "full":
        return "It has a row for each of GPT-2's tokens."
    return (
        f"It has {rows:,} rows: one for each token of the training part and of `tokens.reserved`, "
        "the others for kinds of rare tokens, over which a fixed prior spreads what their kind "
        "gets. So its probabilities are of all of GPT-2's 50,257 tokens."
    )


def limits(gpt: dict[str, Any], block: int) -> str:
    about = (
        "- It has read most of one book for children, in the English of 1865, with what that age "
        "took for granted; it writes sentences in that manner, and no sense."
        if is_alice()
        else "- It has read most of one text, and writes in that manner, and no sense."
    )
    return "\n".join(
        [
            about,
            f"- It sees {block} tokens at most. What was before that, it does not know.",
            f"- {gpt['rare']:.1%} of the test's tokens have no row of their own: of these it knows "
            "only the kind."
            if gpt["rare"]
            else "- Tokens that the training part does not have are hardly learned.",
            "- It is a thing to study. Nothing that it says is meant, or checked.",
        ]
    )


def write() -> str:
    made = load("train_gpt", Recipe).values
    weights = read_weights("models/gpt.safetensors")
    gpt, ngram = (
        read_metrics("metrics/details/evaluate_gpt.json"),
        read_metrics("metrics/details/ngram.json"),
    )
    return page(
        "The GPT",
        f"{weights.line} GPT-2's table of byte pairs, which turns text into tokens, is in the "
        "file, too: nothing else is needed.",
        f"A GPT-2 in small, trained from scratch: {made['n_layer']} blocks, {made['n_head']} "
        f"heads, {made['n_embd']} wide, {made['block_size']} tokens at once. "
        + vocabulary(weights.shapes["token_embedding.weight"][0]),
        "## What it was trained on",
        text(),
        recipe(),
        "## How well it does",
        losses(gpt, ngram),
        judged(gpt, ngram),
        "## How to load it",
        LOADING,
        "## Limits",
        limits(gpt, made["block_size"]),
    )


LOADING = """\
```python
import torch
from lookingglass.gpt.generation import generate, take_words
from lookingglass.gpt.weights import load_gpt

gpt = load_gpt("models/gpt.safetensors")
new = generate(gpt, gpt.encode("The"), temperature=0.8, generator=torch.Generator())
print(gpt.decode(torch.tensor(take_words(gpt, new, 20))))
```"""
