"""Train the standard GPT-2, a control for ours (exercise 3.2.4, question 1).

Everything is as in minGPT, the exercise's starting point, save what a book on two cores allows:
GPT-2's full vocabulary and initial weights, AdamW for all of them, dropout 0.1; but a model of our
size, for as many steps as the validation part wants. Its weights, five times as large as ours, are
not kept: this training also measures.
"""

from typing import Annotated

import torch
from pydantic import Field, ValidationInfo, field_validator

from lab.core.artifacts import digest, write_metrics, write_table
from lab.core.entry import run
from lab.core.params import Count, load
from lab.data.tokens import read_bpe, read_tokens
from lab.training.checkpoint import FOLDER, alone, key_of
from lab.training.device import pick_device
from lab.training.gpt import Common, Width, train_to_end
from lookingglass.gpt.beginning import begin_standard
from lookingglass.gpt.model import GPT, Config
from lookingglass.gpt.scoring import log_prob
from lookingglass.gpt.vocabulary import full

CHECKPOINT = FOLDER / "train_standard_gpt.safetensors"


class Params(Common):
    n_embd: Width
    steps: Count
    learning_rate: Annotated[float, Field(gt=0, le=1)]
    stride: Annotated[int, Field(ge=1, le=1024)]

    @field_validator("stride")
    @classmethod
    def _within_a_block(cls, stride: int, info: ValidationInfo) -> int:
        block_size = info.data.get("block_size", stride)
        if stride > block_size:
            raise ValueError(f"at most block_size, {block_size}")
        return stride


@alone("train_standard_gpt")
def main() -> None:
    params, device = load("train_standard_gpt", Params), pick_device()
    torch.set_num_threads(params.threads)
    table, parts = read_bpe(), read_tokens("data/tokens.npz")
    validation, test = parts["validation"].to(device), parts["test"].to(device)
    shape = params.model_dump(include={"block_size", "n_layer", "n_embd", "n_head", "dropout"})
    generator = torch.Generator().manual_seed(params.seed)
    gpt = GPT(Config(**shape), full(table), generator).to(device)
    training = begin_standard(gpt, rate=params.learning_rate, weight_decay=params.weight_decay)
    train_to_end(
        training,
        parts["train"],
        validation,
        params.model_dump(include={"steps", "warmup", "batch_size", "seed"}) | {"rare": 0.0},
        evaluate_every=params.evaluate_every,
        checkpoint=CHECKPOINT,
        key=key_of(params, device, table, digest("data/tokens.npz")),
        section="train_standard_gpt",
    )

    loss = {
        name: -float(log_prob(gpt, part, stride=params.stride).mean())
        for name, part in (("validation", validation), ("test", test))
    }
    best, _, _ = min(training.curve, key=lambda row: row[2])
    metrics = {"loss": loss["test"], "validation_loss": loss["validation"], "best_step": best}
    write_table("plots/train_standard_gpt.csv", ["step", "train", "validation"], training.curve)
    write_metrics("metrics/details/train_standard_gpt.json", metrics)
    CHECKPOINT.unlink()
    print(f"test loss {loss['test']:.4f} nats per token")


if __name__ == "__main__":
    run(main)
