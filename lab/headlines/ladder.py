"""From the standard GPT-2 to ours: what each change is worth, over the seeds of seeds/dvc.yaml."""

from lab.core.params import read
from lab.headlines.gpt import LOSS
from lab.headlines.quantity import Quantity
from lab.headlines.shown import averaged, compared
from lookingglass.comparison import compare
from lookingglass.intervals import mean_interval

CHANGES = {
    "compact": "compact vocabulary, with classes of unknown tokens",
    "bias": "the head's bias starts at the tokens' frequencies",
    "muon": "Muon for the matrices of the blocks",
    "positions": "position embeddings start as sinusoids",
    "rare": "embeddings of rare tokens start three times as long",
    "regularised": "more dropout and weight decay",
}
"""What a variant changes, besides all that those before it change."""
OURS = "more steps: ours"

STANDARD = Quantity(
    "metrics/details/train_standard_gpt.json",
    "loss",
    model="gpt_standard",
    name="test_loss",
    kind="nats",
    weights="plots/train_standard_gpt.csv",  # its weights are not kept
    sections=("corpus", "tokens", "train_standard_gpt"),
)
VARIANTS = {
    change: Quantity(
        f"seeds/results/gpt_{change}.json",  # which is never there: only seeds/dvc.yaml trains it
        "test_loss",
        model=f"gpt_{change}",
        name="test_loss",
        kind="nats",
        weights="models/gpt.safetensors",
        sections=("corpus", "tokens", "train_gpt", "train_standard_gpt"),
    )
    for change in CHANGES
}


def rungs() -> list[tuple[str, dict[int, float]]]:
    """Each model's last change, and its loss by seed, if docs/seeds.csv has it for these models.

    The first and the last model always have the loss of the pipeline's own seed.
    """
    seeds = {name: int(read()[name]["seed"]) for name in ("train_standard_gpt", "train_gpt")}
    found = [
        ("standard GPT-2", STANDARD.by_seed() or {seeds["train_standard_gpt"]: STANDARD.own()[0]}),
        *((title, VARIANTS[change].by_seed()) for change, title in CHANGES.items()),
        (OURS, LOSS.by_seed() or {seeds["train_gpt"]: LOSS.own()[0]}),
    ]
    return [(title, by_seed) for title, by_seed in found if by_seed]


def ladder() -> list[dict[str, str]]:
    """For each rung, in words: its `change`, its `loss`, and how it compares with the one before.

    The first has an empty `gain`, and so has one that shares no seed with that before it.
    """
    rows, before = [], dict[int, float]()
    for title, by_seed in rungs():
        both, gain = sorted(by_seed.keys() & before.keys()), ""
        if both:
            of_both = ([of[seed] for seed in both] for of in (by_seed, before))
            gain = compared(compare(*of_both), "nats")
        loss = averaged(*mean_interval(list(by_seed.values())), "nats")
        rows.append({"change": title, "loss": loss, "gain": gain})
        before = by_seed
    return rows
