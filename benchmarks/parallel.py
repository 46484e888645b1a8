"""Steps of the GPT's training in several processes; started by torchrun, for benchmarks.scale.

Takes the number of threads and of steps; the first process prints the seconds that a step took.
"""

import lab.core.numerics  # noqa: F401  # isort: skip

import os
import sys
import time
from collections import deque
from itertools import islice

import torch

from lab.core.params import load
from lab.data.tokens import read_bpe, read_tokens
from lab.training.parallel import together
from lookingglass.gpt.beginning import begin
from lookingglass.gpt.model import GPT, Config
from lookingglass.gpt.training import train
from lookingglass.gpt.vocabulary import Vocabulary
from stages.gpt.train_gpt import Params

WARM_UP = 3  # steps


def main() -> None:
    """Measure and print."""
    threads, steps = map(int, sys.argv[1:])
    torch.set_num_threads(threads)
    params = load("train_gpt", Params)
    parts = read_tokens("data/tokens.npz")
    vocabulary = Vocabulary(read_bpe(), parts["rows"], parts["log_prior"])
    shape = params.model_dump(include={"block_size", "n_layer", "n_head", "n_embd", "dropout"})
    gpt = GPT(Config(**shape), vocabulary, torch.Generator().manual_seed(params.seed))
    rates = params.model_dump(include={"muon_rate", "adam_rate", "weight_decay"})
    training = begin(gpt, parts["train"], **rates)
    recipe = params.model_dump(include={"warmup", "batch_size", "seed", "rare"})
    processes = int(os.environ["WORLD_SIZE"])
    with together("benchmark", processes, torch.device("cpu")) as world:
        taken = train(training, parts["train"], steps=WARM_UP + steps, world=world, **recipe)
        deque(islice(taken, WARM_UP), maxlen=0)
        start = time.perf_counter()
        deque(taken, maxlen=0)
        print((time.perf_counter() - start) / steps)


if __name__ == "__main__":
    main()
