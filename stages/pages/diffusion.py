"""The page of the unconditional denoiser."""

import math
from typing import Any

from lab.core.artifacts import read_metrics
from lab.core.params import load
from lab.data.origin import of_square
from stages.pages.points import NO_SQUARE, ONLY_POINTS, data, loading, noise
from stages.pages.words import Recipe, fold, page, read_weights, table

STD = 1 / math.sqrt(3)  # of the uniform distribution on [-1, 1]
PRIORS = {"standard": "N(0, I)", "matched": "the noised data's mean and variance"}


def recipe() -> str:
    made = load("train_diffusion", Recipe).values
    images = ", shown under the square's symmetries" if made["augment"] else ""
    return (
        f"{made['steps']:,} steps, each with all points{images}, of Adam, its rate falling from "
        f"{made['learning_rate']:g} to 0 along a cosine; the weights are a moving average "
        f"(`average: {made['average']:g}`). {noise()}"
    )


def against_the_truth(loss: dict[str, Any]) -> str:
    rows = [
        ["loss per dimension", f"{loss['loss']:.6f}", f"{loss['bayes_loss']:.6f}"],
        ["excess over the truth's", f"{loss['excess_loss']:.3g}", "0"],
    ]
    return table(["", "this model", "the exact denoiser"], rows)


def compared(loss: dict[str, Any]) -> str:
    """The excess beside that of the exercise's recipe, and of the points learned by heart."""
    plain = read_metrics("metrics/details/evaluate_plain.json")["excess_loss"]
    ratio = plain / loss["excess_loss"]
    words = f"{fold(ratio)} times less" if ratio >= 1 else f"{fold(1 / ratio)} times more"
    said = f"The excess is {words} than what the exercise's own recipe [leaves](plain.md)."
    if "points_excess" not in loss:
        return said
    heart = f"whoever learned the points by heart, with an excess of {loss['points_excess']:.3g}"
    if loss["excess_loss"] < loss["points_excess"]:
        return (
            f"{said} It has learned the square rather than the points: it is better than {heart}."
        )
    return f"{said} It is no better than {heart}."


def samples(made: dict[str, Any], few: dict[str, Any]) -> str:
    """Samples of a fast sampler from either prior; of one's own points only their spread."""
    if not of_square():
        rows = [[name, f"{made[f'std_{prior}']:.3f}"] for prior, name in PRIORS.items()]
        rows.append(["(the points)", f"{few['data_std']:.3f}"])
        return table(["samples that start from", "standard deviation"], rows)
    rows = [
        [
            name,
            f"{made[f'std_{prior}']:.3f}",
            f"{made[f'inside_{prior}']:.2%}",
            f"{made[f'energy_{prior}']:.2g}",
        ]
        for prior, name in PRIORS.items()
    ]
    inside = f"{few['noisy_inside']:.2%}"
    rows.append(["(true points)", f"{STD:.3f}", inside, f"up to {made['null_high']:.2g}"])
    return table(["samples that start from", "standard deviation", "inside", "energy"], rows)


def judged(made: dict[str, Any]) -> str:
    if not of_square():
        left_out = "The fraction inside and the energy distance need the square, and are left out."
        return f"{NO_SQUARE} {left_out}"
    lines = [
        f"With {made['fast_evaluations']} evaluations of DPM-Solver++(2M), without a last "
        "denoising step; that leaves a little noise, which puts a few true points outside, too. "
        f"The energy distance to the square is of {made['energy_points']:,} samples, and true ones "
        "differ by chance as said."
    ]
    for prior, name in PRIORS.items():
        told = "can" if made[f"energy_{prior}"] > made["null_high"] else "cannot"
        lines.append(f"Started from {name}, they {told} be told from the square by it.")
    return " ".join(lines)


def limits(made: dict[str, Any], few: dict[str, Any]) -> str:
    lines = [ONLY_POINTS]
    if of_square() and made["std_standard"] < 0.98 * STD:
        worse = "more" if made["only_prior"] > made["only_network"] else "less"
        lines.append(
            "- Sampling as the exercise asks starts from N(0, I), which has less variance than the "
            "noised data: the samples are denser in the middle than the square. That costs "
            f"{worse} than what the network does wrong; `sample.prior: matched` mends it."
        )
    if few["model_few_std"] < 0.95 * made["std_standard"]:
        lines.append(
            f"- Algorithm 1 in {few['few_steps']} steps shrinks what it samples, to a standard "
            f"deviation of {few['model_few_std']:.3f} (from N(0, I))."
        )
    return "\n".join(lines)


def write() -> str:
    shape = load("train_diffusion", Recipe).values
    weights = read_weights("models/diffusion.safetensors")
    loss = read_metrics("metrics/details/evaluate_diffusion.json")
    made, few = (
        read_metrics("metrics/details/samplers.json"),
        read_metrics("metrics/details/steps.json"),
    )
    return page(
        "The diffusion model",
        weights.line,
        "Given a noised point of the plane and the strength of its noise, it says what the noise "
        "was. A sampler that asks it again and again turns noise into points like those that it "
        f"learned. It has {shape['layers']} fully connected layers, {shape['width']} wide, which "
        "draw the data's edges sharper as the noise falls (`lookingglass/diffusion/network.py`).",
        "## What it was trained on",
        data(),
        recipe() + " All of it: `train_diffusion` in `params.yaml`.",
        "## How well it does",
        against_the_truth(loss),
        compared(loss),
        samples(made, few),
        judged(made),
        "## How to load it",
        loading("models/diffusion.safetensors"),
        "## Limits",
        limits(made, few),
    )
