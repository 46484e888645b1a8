"""How fast a GPT-2 of 124 million weights trains, on a GPU if there is one.

Our model and our training, with GPT-2 small's shape, full vocabulary and AdamW. On a GPU, in
bfloat16, 12 windows of 1,024 tokens a step, as nanoGPT has them. Needs `data/tokens.npz`. Prints a
table and writes its section of docs/benchmarks.md. A minute on two cores.
"""

import lab.core.numerics  # noqa: F401  # isort: skip

import time
from collections import deque
from itertools import islice, pairwise
from statistics import median

import torch

from benchmarks.document import machine, markdown, write_section
from lab.core.entry import run
from lab.data.tokens import read_bpe, read_tokens
from lab.example import plain_parser, whole_number
from lab.training.device import pick_device
from lookingglass.gpt.beginning import begin_standard
from lookingglass.gpt.model import GPT, Config
from lookingglass.gpt.training import train
from lookingglass.gpt.vocabulary import full

SMALL = Config(block_size=1024, n_layer=12, n_head=12, n_embd=768)
WARM_UP = 3  # steps

# bfloat16, dense, multiply and add counted as two (NVIDIA's data sheets, without sparsity)
PEAK = {"A100": 312e12, "H100 PCIe": 756e12, "H100 80GB HBM3": 989e12, "H200": 989e12}

# nanoGPT's README: 8 A100 train for "about 4 days"; its config/train_gpt2.py: 600,000 steps of
# 12 x 1,024 tokens, 40 times
NANOGPT = 600_000 * 12 * 1024 * 40 / (4 * 24 * 3600) / 8

TEXT = """\
## GPT-2 small

Run on {machine}; training on {device}.

A training of {weights} million weights, in {precision}; windows of {block_size:,} tokens, {batch} a
step; the median of {steps} steps, after {warm_up} that do not count. Beside it, nanoGPT on each of
the eight A100 that took "about 4 days" for its README, compiled and with fused attention, which
ours is not.

{table}

A token takes 6 operations for each weight but the positions' and {attention} for attention, as
nanoGPT counts (Chowdhery et al. 2022, appendix B). The last column is how much of the card's peak
that makes.
"""


def flops_per_token(gpt: GPT) -> int:
    """Of a training, forward and backward, without what is computed twice or skipped."""
    weights = sum(weight.numel() for weight in gpt.parameters())
    products = 6 * (weights - gpt.position_embedding.weight.numel())
    return products + attention_flops(gpt.config)


def attention_flops(config: Config) -> int:
    """What each token takes for its products with all others of the block, masked ones, too."""
    return 12 * config.n_layer * config.n_embd * config.block_size


def step_seconds(gpt: GPT, batch_size: int, steps: int) -> float:
    """The median time of a training step on the book."""
    training = begin_standard(gpt, rate=6e-4, weight_decay=0.1)
    ids = read_tokens("data/tokens.npz")["train"]
    taken = train(
        training,
        ids,
        steps=WARM_UP + steps,
        warmup=WARM_UP,
        batch_size=batch_size,
        rare=0.0,
        seed=1,
        bfloat16=gpt.row.is_cuda,
    )
    deque(islice(taken, WARM_UP), maxlen=0)
    times = [time.perf_counter()]
    times += [time.perf_counter() for _ in taken]  # each step's loss waits for the GPU
    return median(later - earlier for earlier, later in pairwise(times))


def utilisation(flops: float, device: str) -> str:
    """The part of a card's peak, where we know that."""
    peaks = [peak for card, peak in PEAK.items() if card in device]
    return f"{flops / peaks[0]:.0%}" if peaks else ""


def main() -> None:
    """Measure, print, write."""
    parser = plain_parser(__doc__)
    add = parser.add_argument
    add("--batch-size", type=whole_number(1, 1024), help="windows a step (12; 1 without a GPU)")
    add("--steps", type=whole_number(1, 1000), help="that are timed (20; 3 without a GPU)")
    options, device = parser.parse_args(), pick_device()
    batch_size = options.batch_size or (12 if device.type == "cuda" else 1)
    steps = options.steps or (20 if device.type == "cuda" else 3)
    gpt = GPT(SMALL, full(read_bpe()), torch.Generator().manual_seed(1)).to(device)
    tokens = batch_size * SMALL.block_size / step_seconds(gpt, batch_size, steps)
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else "the CPU"
    flops = flops_per_token(gpt)
    rows = [
        [card, f"{speed:,.0f}", f"{speed * flops / 1e12:.3g}", utilisation(speed * flops, card)]
        for card, speed in ((name, tokens), ("A100 (nanoGPT)", NANOGPT))
    ]
    text = TEXT.format(
        machine=machine(torch.get_num_threads()),
        device=name,
        weights=round(sum(weight.numel() for weight in gpt.parameters()) / 1e6),
        precision="bfloat16" if device.type == "cuda" else "float32",
        batch=batch_size,
        block_size=SMALL.block_size,
        steps=steps,
        warm_up=WARM_UP,
        attention=f"{attention_flops(SMALL) / 1e6:.0f} million",
        table=markdown(["", "tokens/s", "TFLOP/s", "of the peak"], rows),
    )
    print(f"\n{text}")
    write_section("gpt2_small", text)


if __name__ == "__main__":
    run(main)
