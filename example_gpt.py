"""Let the GPT go on from a prompt, and say how probable what it wrote is.

Run as it is, it uses the trained weights that come with the repository. With --train it first
trains the same model from scratch, with the recipe of params.yaml.
"""

import lab.core.numerics  # noqa: F401  # isort: skip

import argparse
import math
import os
import time
from pathlib import Path

import torch

from lab.core.artifacts import read_metrics
from lab.core.entry import run
from lab.core.params import load
from lab.example import new_parser, read_weights, whole_number
from lab.training.device import pick_device
from lookingglass.errors import InputError
from lookingglass.gpt.generation import generate, take_words
from lookingglass.gpt.model import GPT
from lookingglass.gpt.scoring import log_prob
from lookingglass.gpt.weights import load_gpt
from stages.gpt import corpus, evaluate_gpt, tokens, train_gpt

WEIGHTS = "models/gpt.safetensors"


def train_weights(device: torch.device) -> tuple[GPT, float]:
    """Train as the stages `corpus`, `tokens` and `train_gpt` do; the GPT and its test loss."""
    book, table, _ = corpus.bring(load("corpus", corpus.Params))
    parts, vocabulary = tokens.tokenise(load("tokens", tokens.Params), book, table)
    recipe = load("train_gpt", train_gpt.Params)
    gpt, _ = train_gpt.train_gpt(recipe, vocabulary, parts["train"], parts["validation"], device)
    stride = load("evaluate_gpt", evaluate_gpt.Params).stride
    return gpt, -float(log_prob(gpt, parts["test"], stride=stride).mean())


def temperature(text: str) -> float:
    """A parser of temperatures, for argparse."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 <= value <= 10:
        raise argparse.ArgumentTypeError(f"{text!r}: must be a number from 0 to 10")
    return value


def prompt(text: str) -> str:
    """A parser of prompts, for argparse."""
    if not text:
        raise argparse.ArgumentTypeError("must not be empty: the model goes on from something")
    return text


def parse_arguments() -> argparse.Namespace:
    """The command line."""
    parser = new_parser(__doc__)
    add = parser.add_argument
    add("--train", action="store_true", help="train from scratch first (about 2 minutes)")
    add(
        "--prompt",
        type=prompt,
        default="Alice was beginning to",
        help="what to go on from (%(default)s)",
    )
    add("--words", type=whole_number(1, 1000), default=60, help="how many to write (60)")
    add(
        "--temperature",
        type=temperature,
        default=0.8,
        help="1 draws as the model thinks, less plays safe, 0 takes the likeliest (0.8)",
    )
    add("--seed", type=whole_number(0, 2**63 - 1), default=0, help="of the draws (0)")
    return parser.parse_args()


def main() -> None:
    """Load or train, generate, score."""
    arguments = parse_arguments()
    os.chdir(Path(__file__).parent)  # where params.yaml and the weights are
    device = pick_device()

    start = time.perf_counter()
    if arguments.train:
        gpt, loss = train_weights(device)
        print(f"trained   {load('train_gpt', train_gpt.Params).steps} steps, ", end="")
    else:
        gpt = read_weights(WEIGHTS, load_gpt)
        loss = read_metrics("metrics/evaluate_gpt.json")["loss"]
        print(f"loaded    {WEIGHTS}, ", end="")
    size = sum(parameter.numel() for parameter in gpt.parameters())
    print(f"{size:,} weights, {time.perf_counter() - start:.1f} s")
    print(f"quality   {loss:.2f} nats per token on the end of the book, which it has not read")

    torch.set_num_threads(1)  # one token at a time is too little for two
    start = time.perf_counter()
    gpt = gpt.to(device).requires_grad_(False)
    given = gpt.encode(arguments.prompt)
    generator = torch.Generator().manual_seed(arguments.seed)
    new = generate(gpt, given, temperature=arguments.temperature, generator=generator)
    ids = torch.cat([given, torch.tensor(take_words(gpt, new, arguments.words)).long()])
    seconds = time.perf_counter() - start
    if len(ids) == len(given):
        raise InputError("the model wrote only blanks; try another --seed, or a --temperature")
    scores = log_prob(gpt, ids.to(device))[len(given) - 1 :]
    print(f"generated {len(scores)} tokens, {seconds:.1f} s\n\n{gpt.decode(ids)}\n")
    print(
        f"log-probability of what follows the prompt: {scores.sum():.1f} nats, "
        f"{scores.mean():.2f} a token"
    )


if __name__ == "__main__":
    run(main)
