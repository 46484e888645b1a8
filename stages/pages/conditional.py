"""The page of the conditional denoiser."""

from typing import Any

from lab.core.artifacts import read_metrics
from lab.core.params import load
from lab.data.origin import of_square
from stages.pages.points import NO_SQUARE, ONLY_POINTS, data, loading, noise
from stages.pages.words import Recipe, page, read_weights, table


def classes() -> list[list[float]]:
    regions: list[list[float]] = load("classes", Recipe).values["regions"]
    return regions


def by_class(made: dict[str, Any]) -> str:
    """A row for each class; a class that no point of the data is in was not learned."""
    square = of_square()
    header = ["class: left, bottom to right, top", "excess", "inside", "inside, matched"]
    if square:
        header += ["inside, exact", "energy, matched", "chance"]
    rows = []
    for i, (left, bottom, right, top) in enumerate(classes()):
        name = f"{i}: {left:.2g}, {bottom:.2g} to {right:.2g}, {top:.2g}"
        if f"excess_{i}" not in made:
            rows.append([name, *("none" for _ in header[1:])])
            continue
        row = [name, f"{made[f'excess_{i}']:.3g}"]
        row += [f"{made[f'inside_{key}{i}']:.1%}" for key in ("", "matched_")]
        if square:
            row += [f"{made[f'inside_exact_{i}']:.1%}"]
            row += [f"{made[f'energy_{key}_{i}']:.2g}" for key in ("matched", "chance")]
        rows.append(row)
    return table(header, rows)


def explained(made: dict[str, Any]) -> str:
    said = (
        "Inside: of the samples of a class, those that end in its rectangle, started from N(0, I), "
        "or from what the class itself is when it is noised (matched). "
    )
    if of_square():
        said += (
            "Exact: what a perfect sampler would have inside, some noise being left. Energy: the "
            "distance of the matched samples to the class, and up to where true ones come by "
            "chance. "
        )
        told = [i for i, _ in enumerate(classes()) if f"energy_{i}" in made]
        told = [i for i in told if made[f"energy_matched_{i}"] > made[f"energy_chance_{i}"]]
        names = ", ".join(map(str, told))
        said += (
            f"By it, samples of class {names} can be told from true ones. "
            if told
            else "By it, no class's samples can be told from true ones. "
        )
    missing = sum(f"excess_{i}" not in made for i, _ in enumerate(classes()))
    if missing:
        said += f"{missing} of the classes had no points, and nothing was learned of them. "
    return (
        f"{said}The excess over the exact denoiser's loss is {made['excess']:.3g} on average, most "
        f"for class {made['hardest']}, and {made['excess_no_class']:.3g} without a class."
    )


def limits(made: dict[str, Any]) -> str:
    lines = [ONLY_POINTS]
    known = [i for i, _ in enumerate(classes()) if f"excess_{i}" in made]
    worse = [i for i in known if made[f"inside_{i}"] < made[f"inside_matched_{i}"]]
    if worse:
        names = ", ".join(map(str, worse))
        lines.append(
            f"- Started from N(0, I), as asked, fewer samples of class {names} end inside than "
            "from where that class's own noised points are."
        )
    return "\n".join(lines)


def write() -> str:
    made, metrics = (
        load("train_conditional", Recipe).values,
        read_metrics("metrics/details/evaluate_conditional.json"),
    )
    weights = read_weights("models/conditional.safetensors")
    first = min(i for i, _ in enumerate(classes()) if f"excess_{i}" in metrics)
    return page(
        "The conditional diffusion model",
        weights.line,
        f"It does what [the diffusion model](diffusion.md) does, for each of {len(classes())} "
        "classes, rectangles that fill the square, and without a class, for all of them together. "
        f"It has {made['layers']} fully connected layers, {made['width']} wide; a class is a "
        f"vector of {made['embedding']} numbers, learned with the rest.",
        "## What it was trained on",
        f"{data()} A point's class is the rectangle that it lies in (`classes.regions`).",
        f"{made['steps']:,} steps, each with all points, of Adam, its rate falling from "
        f"{made['learning_rate']:g} to 0 along a cosine; the weights are a moving average "
        f"(`average: {made['average']:g}`). {noise()} A label is hidden with a chance of "
        f"{made['label_dropout']:g}. All of it: `train_conditional` in `params.yaml`.",
        "## How well it does",
        by_class(metrics),
        explained(metrics),
        "" if of_square() else f"{NO_SQUARE} What needs the square is left out.",
        "## How to load it",
        loading("models/conditional.safetensors", f"torch.full((5,), {first})"),
        "## Limits",
        limits(metrics),
    )
