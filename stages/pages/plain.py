"""The page of the denoiser by the exercise's own recipe."""

from lab.core.artifacts import read_metrics
from lab.core.params import load
from lab.data.origin import of_square
from stages.pages.points import NO_SQUARE, ONLY_POINTS, data, loading, noise
from stages.pages.words import Recipe, fold, page, read_weights, table


def judged(plain: float, ours: float) -> str:
    if ours < plain:
        return f"It leaves {fold(plain / ours)} times the excess of [ours](diffusion.md)."
    return f"[Ours](diffusion.md) leaves {fold(ours / plain)} times its excess."


def write() -> str:
    made = load("train_plain", Recipe).values
    weights = read_weights("models/plain.safetensors")
    loss = read_metrics("metrics/details/evaluate_plain.json")
    best = read_metrics("metrics/details/evaluate_diffusion.json")
    rows = [
        ["loss per dimension", f"{loss['loss']:.6f}", f"{best['loss']:.6f}"],
        ["excess over the truth's", f"{loss['excess_loss']:.3g}", f"{best['excess_loss']:.3g}"],
    ]
    return page(
        "The diffusion model by the exercise's recipe",
        weights.line,
        "It does what [the diffusion model](diffusion.md) does, in the way that the exercise "
        f"recommends: {made['layers']} fully connected layers, {made['width']} wide, that map a "
        "noised point and the time to the noise. It is here to be compared with.",
        "## What it was trained on",
        data(),
        f"{made['epochs']:,} epochs, each one step of Adam with all points, at a constant rate of "
        f"{made['learning_rate']:g}; the last weights are kept. {noise()} All of it: `train_plain` "
        "in `params.yaml`.",
        "## How well it does",
        table(["", "this model", "ours"], rows),
        f"The exact denoiser's loss is {best['bayes_loss']:.6f}: that much nobody can do without. "
        + judged(loss["excess_loss"], best["excess_loss"]),
        "" if of_square() else NO_SQUARE,
        "## How to load it",
        loading("models/plain.safetensors"),
        "## Limits",
        ONLY_POINTS,
    )
