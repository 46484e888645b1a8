"""Compare our GPT's training and generation with minGPT's way and transformers' GPT-2, as ratios.

All take turns in one process with the same number of threads, on the same text. Then the plain way
and the recipe of params.yaml train in turns: when does ours reach the plain way's final test
loss? Prints tables and writes its section of docs/benchmarks.md. Needs data/, which `make` makes,
and the extra `benchmark`:
python -m pip install -c constraints.txt -e ".[benchmark]"
"""

import lab.core.numerics  # noqa: F401  # isort: skip

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib.metadata import version
from itertools import islice

import torch
from torch import Tensor

from benchmarks.document import knows_bfloat16, machine, markdown, write_section
from benchmarks.peer_gpt import Peer
from benchmarks.plain_gpt import PlainGPT
from benchmarks.race import race
from benchmarks.turns import Spent, comparison, take_turns
from lab.core.artifacts import read_bytes
from lab.core.entry import run
from lab.core.params import load
from lab.data.tokens import read_tokens
from lab.example import plain_parser, whole_number
from lookingglass.gpt.beginning import begin
from lookingglass.gpt.generation import generate
from lookingglass.gpt.model import GPT, Config
from lookingglass.gpt.training import train
from lookingglass.gpt.vocabulary import SIZE, Vocabulary
from stages.gpt import evaluate_gpt, train_gpt

SHAPE = Config(block_size=64, n_layer=6, n_head=6, n_embd=192)  # minGPT's gpt-mini
BATCH = 64
PROMPT = "Alice was beginning to get very tired of"
TOKENS, TEMPERATURE, TOP_K = 150, 0.8, 200  # in generation
PLAIN = "the plain way"

TEXT = """\
## GPT: compared with minGPT's way and transformers {version}

Run on {machine}.

{layers} layers, {heads} heads, {width} wide, blocks of {block} tokens. All took turns in {rounds}
rounds. Speeds are medians over rounds; the ratio to the plain way is taken within each round, and
the table has its median and its range, then the median ratio of processor times, which do not
include other load on the machine.

Training, {batch} blocks per step, {steps} steps per round:

{training}

Generating one text, from a prompt of {prompt} tokens to the last position:

{generation}

Generating {long} tokens, more than there are positions, so that each model continues with what it
can still see (transformers' cannot):

{long_generation}

The plain way (`benchmarks/plain_gpt.py`) is minGPT's: explicit attention, a head for all of
GPT-2's tokens, one AdamW without fused kernels, no cache in generation. With the compact
vocabulary it has {rows:,} rows instead. transformers' is `GPT2LMHeadModel`, with fused AdamW
and its own `generate`. Both with minGPT's dropout of 0.1, ours with {drop}, as in `params.yaml`.
Ours is the recipe of `params.yaml` in this shape.

{race}
"""

HEADER = ["", "tokens/s", "times the plain way", "least to most", "by processor time"]


def steps_of_ours(
    shape: Config,
    vocabulary: Vocabulary,
    recipe: train_gpt.Params,
    ids: Tensor,
    batch_size: int,
    bfloat16: bool,
) -> tuple[GPT, Iterator[float]]:
    """Our model in a given shape, and its training by the recipe."""
    shape = replace(shape, dropout=recipe.dropout)
    gpt = GPT(shape, vocabulary, torch.Generator().manual_seed(recipe.seed))
    rates = recipe.model_dump(include={"muon_rate", "adam_rate", "weight_decay"})
    options = recipe.model_dump(include={"steps", "warmup", "rare", "seed"})
    options |= {"batch_size": batch_size, "bfloat16": bfloat16}
    return gpt, train(begin(gpt, ids, **rates), ids, **options)


def compare_training(
    shape: Config,
    vocabulary: Vocabulary,
    recipe: train_gpt.Params,
    ids: Tensor,
    *,
    batch_size: int,
    rounds: int,
    steps: int,
    bfloat16: bool,
) -> tuple[dict[str, list[Spent]], tuple[GPT, PlainGPT, Peer]]:
    """What `steps` steps took in each round; and the models, trained a little."""
    torch.manual_seed(0)  # the others draw from the global generator
    recipe = recipe.model_copy(update={"steps": (rounds + 1) * steps})
    plain, peer = PlainGPT(SIZE, shape), Peer(shape)
    ours, our_steps = steps_of_ours(shape, vocabulary, recipe, ids, batch_size, False)
    small = PlainGPT(vocabulary.rows, shape).train_steps(vocabulary.row[ids], batch_size)
    works = {
        PLAIN: plain.train_steps(ids, batch_size),
        "the plain way, compact vocabulary": small,
        "transformers": peer.train_steps(ids, batch_size),
        "ours": our_steps,
    }
    if bfloat16:
        low = torch.bfloat16
        works["transformers, bfloat16"] = Peer(shape).train_steps(ids, batch_size, low)
        _, our_steps = steps_of_ours(shape, vocabulary, recipe, ids, batch_size, True)
        works["ours, bfloat16"] = our_steps

    def some(steps_of: Iterator[float]) -> Callable[[], object]:
        return lambda: deque(islice(steps_of, steps), maxlen=0)

    return take_turns(rounds, {k: some(w) for k, w in works.items()}), (ours, plain, peer)


def compare_generation(
    ours: GPT,
    plain: PlainGPT,
    peer: Peer | None,
    ids: Tensor,
    count: int,
    rounds: int,
) -> dict[str, list[Spent]]:
    """What `count` tokens after `ids` took in each round."""
    generator = torch.Generator().manual_seed(0)

    def of_ours() -> object:
        new = generate(ours, ids, temperature=TEMPERATURE, top_k=TOP_K, generator=generator)
        return list(islice(new, count))

    works: dict[str, Callable[[], object]] = {
        PLAIN: lambda: plain.generate(ids, count, temperature=TEMPERATURE, top_k=TOP_K),
        "ours": of_ours,
    }
    if peer:
        works["transformers"] = lambda: peer.generate(
            ids, count, temperature=TEMPERATURE, top_k=TOP_K
        )
    return take_turns(rounds, works)


def main() -> None:
    """Compare, print, write."""
    parser = plain_parser(__doc__)
    add = parser.add_argument
    add("--rounds", type=whole_number(1, 100), default=5, help="in which all take turns (5)")
    add("--steps", type=whole_number(1, 100), default=2, help="of training in a round (2)")
    add("--threads", type=whole_number(1, 256), default=2, help="of the processor (2)")
    add("--seconds", type=whole_number(1, 100_000), default=240, help="of plain training (240)")
    arguments = parser.parse_args()
    rounds, steps, threads = arguments.rounds, arguments.steps, arguments.threads
    torch.set_num_threads(threads)

    recipe = load("train_gpt", train_gpt.Params)
    stride = load("evaluate_gpt", evaluate_gpt.Params).stride
    parts = read_tokens("data/tokens.npz")
    vocabulary = Vocabulary(read_bytes("data/gpt2.tiktoken"), parts["rows"], parts["log_prior"])

    training, (ours, plain, peer) = compare_training(
        SHAPE,
        vocabulary,
        recipe,
        parts["train"],
        batch_size=BATCH,
        rounds=rounds,
        steps=steps,
        bfloat16=knows_bfloat16(),
    )
    read = steps * BATCH * SHAPE.block_size
    training_table = markdown(HEADER, comparison(training, PLAIN, read))
    print(f"\n{training_table}\n", flush=True)
    prompt = vocabulary.encode(PROMPT)
    tables = []
    for one, count in ((peer, SHAPE.block_size - len(prompt)), (None, TOKENS)):
        spent = compare_generation(ours, plain, one, prompt, count, rounds)
        tables.append(markdown(HEADER, comparison(spent, PLAIN, count)))
        print(f"{tables[-1]}\n", flush=True)
    text = TEXT.format(
        version=version("transformers"),
        machine=machine(threads),
        layers=SHAPE.n_layer,
        heads=SHAPE.n_head,
        width=SHAPE.n_embd,
        block=SHAPE.block_size,
        batch=BATCH,
        rounds=rounds,
        steps=steps,
        training=training_table,
        prompt=len(prompt),
        generation=tables[0],
        long=TOKENS,
        long_generation=tables[1],
        rows=vocabulary.rows,
        drop=recipe.dropout,
        race=race(SHAPE, BATCH, vocabulary, recipe, parts, arguments.seconds, stride),
    )
    print(f"\n{text}")
    write_section("gpt", text)


if __name__ == "__main__":
    run(main)
