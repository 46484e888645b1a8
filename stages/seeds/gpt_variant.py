"""The GPT with only some of what ours changes in the standard GPT-2, for one seed (3.2.4, 1).

The changes come one by one, each on top of those before it. Whatever is not changed yet is as in
train_standard_gpt, the number of steps included; with more of them, the last change, it is ours.
"""

import sys

import torch
from torch import Tensor

from lab.core.artifacts import digest
from lab.core.entry import run
from lab.core.params import load
from lab.data.tokens import read_bpe, read_tokens
from lab.seeds.seeds import write_result
from lab.training.checkpoint import FOLDER, alone, key_of
from lab.training.device import pick_device
from lab.training.gpt import train_to_end
from lookingglass.errors import InputError
from lookingglass.gpt.beginning import (
    begin_standard,
    init_head_bias,
    init_positions,
    optimizers,
    scale_up_rare_embeddings,
)
from lookingglass.gpt.model import GPT, Config
from lookingglass.gpt.scoring import log_prob
from lookingglass.gpt.training import Training
from lookingglass.gpt.vocabulary import Vocabulary, full
from stages.gpt import train_gpt, train_standard_gpt

CHANGES = ("compact", "bias", "muon", "positions", "rare", "regularised")
VARIANTS = ("standard", *CHANGES)
"""The standard GPT-2, and each variant by its last change."""


def asked() -> tuple[str, int]:
    """The variant and the seed, as in `python -m stages.seeds.gpt_variant muon 3`."""
    match sys.argv[1:]:
        case [variant, number] if variant in VARIANTS and number.isdecimal():
            return variant, int(number)
    raise InputError(f"give one of {', '.join(VARIANTS)}, and a seed, a whole number from 0")


def begin_changed(
    gpt: GPT,
    ids: Tensor,
    changes: tuple[str, ...],
    standard: train_standard_gpt.Params,
    ours: train_gpt.Params,
) -> Training:
    """A training that starts with these changes, besides the vocabulary and the dropout."""
    if "bias" in changes:
        init_head_bias(gpt, ids)
    if "positions" in changes:
        init_positions(gpt)
    if "rare" in changes:
        scale_up_rare_embeddings(gpt, ids)
    weight_decay = (ours if "regularised" in changes else standard).weight_decay
    if "muon" not in changes:
        return begin_standard(gpt, rate=standard.learning_rate, weight_decay=weight_decay)
    return Training(
        gpt,
        optimizers(
            gpt, adam_rate=ours.adam_rate, muon_rate=ours.muon_rate, weight_decay=weight_decay
        ),
    )


def main() -> None:
    variant, seed = asked()
    changes = CHANGES[: VARIANTS.index(variant)]
    standard = load("train_standard_gpt", train_standard_gpt.Params)
    ours = load("train_gpt", train_gpt.Params)
    torch.set_num_threads(standard.threads)
    device, table, parts = pick_device(), read_bpe(), read_tokens("data/tokens.npz")
    vocabulary, rare = full(table), 0.0
    if "compact" in changes:
        vocabulary = Vocabulary(table, parts["rows"], parts["log_prior"])
        rare = ours.rare
    shape = standard.model_dump(include={"block_size", "n_layer", "n_head", "n_embd"})
    dropout = (ours if "regularised" in changes else standard).dropout
    name = f"seeds_gpt_{variant}_{seed}"
    checkpoint = FOLDER / f"{name}.safetensors"
    with alone(name):
        gpt = GPT(
            Config(**shape, dropout=dropout), vocabulary, torch.Generator().manual_seed(seed)
        ).to(device)
        train_to_end(
            begin_changed(gpt, parts["train"], changes, standard, ours),
            parts["train"],
            parts["validation"].to(device),
            standard.model_dump(include={"steps", "warmup", "batch_size"})
            | {"rare": rare, "seed": seed},
            evaluate_every=standard.evaluate_every,
            checkpoint=checkpoint,
            key=key_of(
                standard,
                device,
                repr((seed, changes, ours)).encode(),
                digest("data/tokens.npz"),
            ),
            section="a variant of the GPT",
        )
        losses = {}
        for part in ("validation", "test"):
            log_p = log_prob(gpt, parts[part].to(device), stride=standard.stride)
            losses[f"{part}_loss"] = -float(log_p.mean())
        write_result(f"gpt_{variant}", seed, losses)
        checkpoint.unlink()


if __name__ == "__main__":
    run(main)
