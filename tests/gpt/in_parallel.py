"""Started by torchrun: trains a small GPT in several processes. The first writes what it has."""

import lab.core.numerics  # noqa: F401  # isort: skip

import json
import sys
from itertools import islice
from pathlib import Path

import torch
import torch.distributed as dist
from safetensors.torch import save_file
from torch import Tensor
from torch.optim import SGD

from lookingglass.gpt.beginning import begin
from lookingglass.gpt.model import GPT, Config
from lookingglass.gpt.training import Training, train
from lookingglass.gpt.vocabulary import compact
from lookingglass.gpt.world import World

RECIPE = {"warmup": 2, "batch_size": 12, "rare": 0.5, "seed": 3}
STEPS, HALF = 12, 5


def text() -> Tensor:
    """Tokens that repeat, and a few that occur once."""
    return torch.cat([torch.arange(100), torch.arange(80).repeat(3), torch.arange(500, 520)])


def begun(table: bytes, dropout: float, *, sgd: bool = False) -> Training:
    """A training at step 0; with SGD, an update is as wrong as its gradient, and no more."""
    ids = text()
    config = Config(block_size=16, n_layer=2, n_head=2, n_embd=16, dropout=dropout)
    gpt = GPT(config, compact(table, ids, ids[:0]), torch.Generator().manual_seed(0))
    if sgd:
        return Training(gpt, {"sgd": SGD(gpt.parameters(), lr=0.1)})
    return begin(gpt, ids, muon_rate=0.02, adam_rate=5e-3, weight_decay=0.1)


def trained(training: Training, steps: int = STEPS, **options: object) -> dict[str, Tensor]:
    """All that it has after these steps of a training of STEPS."""
    list(islice(train(training, text(), steps=STEPS, **RECIPE, **options), steps - training.step))
    return {name: tensor.clone() for name, tensor in training.tensors().items()}


def main() -> None:
    table, out = Path(sys.argv[1]).read_bytes(), Path(sys.argv[2])
    torch.set_num_threads(1)
    dist.init_process_group("gloo")
    world = World(dist.get_world_size(), dist.get_rank())

    resumed = begun(table, 0.2)
    resumed.restore(HALF, [], trained(begun(table, 0.2), HALF, world=world))
    found = {
        "dropout": trained(begun(table, 0.2), world=world),
        "resumed": trained(resumed, world=world),
        "half": trained(begun(table, 0.0, sgd=True), HALF, world=world),
        "sgd": trained(begun(table, 0.0, sgd=True), world=world),
        "accumulated": trained(begun(table, 0.0, sgd=True), world=world, accumulate=2),
    }
    training = begun(table, 0.0)
    loss = next(train(training, text(), steps=STEPS, **RECIPE, world=world))
    tensor = torch.full((2, 3), float(world.rank))
    world.average([tensor, tensor[0]])
    said = {
        "ranks": world.of_all(world.rank),
        "first": world.of_first({"rank": world.rank}),
        "average": tensor.tolist(),
        "losses": world.of_all(loss),
        "dropouts": world.of_all(training.gpt.dropout.generator.initial_seed()),
        "same": len(set(world.of_all(repr(found)))) == 1,
    }
    if world.rank == 0:
        for name, tensors in found.items():
            save_file(tensors, out / f"{name}.safetensors")
        (out / "said.json").write_text(json.dumps(said))
    dist.destroy_process_group()


if __name__ == "__main__":
    main()
