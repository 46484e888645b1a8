"""Generate text with the GPT, and score it.

Run as it is, it uses the trained weights that come with the repository. With --train it first
trains the same model from scratch, with the recipe of params.yaml.
"""

import lab.core.numerics  # noqa: F401  # isort: skip

import os
import time
from pathlib import Path

import torch

from lab.core.artifacts import read_metrics
from lab.core.entry import run
from lab.core.progress import progress
from lab.data.corpus import load_book, load_bpe
from lab.data.tokens import build_vocabulary, tokenise
from lab.example import checked_params, new_parser, number, read_weights, some_text, whole_number
from lab.training.device import pick_device
from lookingglass.errors import InputError
from lookingglass.gpt.beginning import begin
from lookingglass.gpt.generation import generate, take_words
from lookingglass.gpt.model import GPT, Config
from lookingglass.gpt.scoring import log_prob
from lookingglass.gpt.training import train
from lookingglass.gpt.weights import load_gpt

WEIGHTS = "models/gpt.safetensors"


def train_gpt(device: torch.device) -> tuple[GPT, float]:
    """The GPT as the pipeline trains it, and its loss on the test part, in nats per token."""
    params = checked_params()
    data, recipe = params["tokens"], params["train_gpt"]
    torch.set_num_threads(recipe["threads"])

    # the text as tokens, and the vocabulary
    bpe, book = load_bpe(), load_book(params["corpus"]["file"])
    parts = tokenise([book.decode()], bpe, training=data["training"], validation=data["validation"])
    vocabulary = build_vocabulary(data["vocabulary"], bpe, parts["train"], data["reserved"])
    ids, validation = parts["train"], parts["validation"].to(device)

    # the model
    shape = {key: recipe[key] for key in ("block_size", "n_layer", "n_head", "n_embd", "dropout")}
    gpt = GPT(Config(**shape), vocabulary, torch.Generator().manual_seed(recipe["seed"])).to(device)

    # the training loop
    rates = {key: recipe[key] for key in ("muon_rate", "adam_rate", "weight_decay")}
    keys = ("steps", "warmup", "batch_size", "rare", "seed")
    options = {key: recipe[key] for key in keys}
    training = begin(gpt, ids, **rates)
    steps = train(training, ids, **options, bfloat16=recipe["precision"] == "bfloat16")
    for _ in progress(steps, total=recipe["steps"], title="training"):
        if training.step % recipe["evaluate_every"] == 0 or training.step == recipe["steps"]:
            training.evaluate(ids, validation)
    gpt.load_state_dict(training.best)
    print(f"trained   {recipe['steps']} steps, ", end="")
    scores = log_prob(gpt, parts["test"].to(device), stride=params["evaluate_gpt"]["stride"])
    return gpt, -float(scores.mean())


def main() -> None:
    """Load or train, generate, score."""
    parser = new_parser(__doc__)
    add = parser.add_argument
    add("--prompt", type=some_text, default="Alice was beginning to", help="what to continue")
    add("--words", type=whole_number(1, 1000), default=60, help="how many to generate (60)")
    add("--temperature", type=number(0, 10), default=0.8, help="0 takes the likeliest token (0.8)")
    arguments = parser.parse_args()
    os.chdir(Path(__file__).parent)  # where params.yaml and the weights are
    device, start = pick_device(), time.perf_counter()
    if arguments.train:
        gpt, loss = train_gpt(device)
    else:
        gpt = read_weights(WEIGHTS, load_gpt)
        loss = read_metrics("metrics/evaluate_gpt.json")["loss"]
        print(f"loaded    {WEIGHTS}, ", end="")
    size = sum(parameter.numel() for parameter in gpt.parameters())
    print(f"{size:,} weights, {time.perf_counter() - start:.1f} s")
    print(f"quality   {loss:.2f} nats per token on the end of the book, which it has not read")

    torch.set_num_threads(1)  # one token at a time is too little work for two
    start = time.perf_counter()
    gpt = gpt.to(device).requires_grad_(False)
    prompt = gpt.encode(arguments.prompt)
    generator = torch.Generator().manual_seed(arguments.seed)
    new = generate(gpt, prompt, temperature=arguments.temperature, generator=generator)
    ids = torch.cat([prompt, torch.tensor(take_words(gpt, new, arguments.words)).long()])
    if len(ids) == len(prompt):
        raise InputError("the model generated only blanks; try another --seed, or --temperature")
    scores = log_prob(gpt, ids.to(device))[len(prompt) - 1 :]
    print(f"generated {len(scores)} tokens, {time.perf_counter() - start:.1f} s")
    print(f"\n{gpt.decode(ids)}\n")
    print(f"log-probability of what follows the prompt: {scores.sum():.1f} nats, ", end="")
    print(f"{scores.mean():.2f} a token")


if __name__ == "__main__":
    run(main)
