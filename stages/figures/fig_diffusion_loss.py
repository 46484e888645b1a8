"""The denoiser's loss over training (exercise 2.2.2, unconditional, question 2)."""

import pandas as pd
from matplotlib.axes import Axes

from lab.core.artifacts import read_metrics
from lab.core.entry import run
from lab.data.curves import average, write_losses
from lab.data.tables import read_table
from lab.drawing.style import MODEL, TRUTH, new_figure, save


def draw_loss(axes: Axes, curve: pd.DataFrame, floor: float, excess: float) -> None:
    """The loss of every step, and the irreducible loss."""
    axes.plot(curve.step, curve.loss, color=MODEL, linewidth=0.4)
    axes.axhline(floor, **TRUTH)
    axes.annotate(
        f"irreducible: {floor:.4f}",
        (0.97, floor),
        xycoords=("axes fraction", "data"),
        xytext=(0, -16),
        textcoords="offset points",
        ha="right",
        va="top",
    )
    axes.set(
        xlim=(0, len(curve)),
        ylim=(floor - 0.15, floor + max(0.35, 1.5 * excess)),
        xlabel="training step",
        ylabel="loss per dimension",
    )


def draw_excess(axes: Axes, curve: pd.DataFrame, floor: float, excess: float) -> None:
    """The excess over the irreducible loss, and that of the network with averaged weights."""
    # single batches are too noisy to show an excess this small: average over longer intervals
    step, loss = average(curve)
    axes.loglog(step, loss - floor, ".-", color=MODEL)
    axes.axhline(excess, color=MODEL, linestyle=":", linewidth=0.9)
    axes.annotate(
        f"with averaged weights: {excess:.2g}",
        (0.03, excess),
        xycoords=("axes fraction", "data"),
        xytext=(0, -3),
        textcoords="offset points",
        va="top",
    )
    axes.set(
        xlim=(1, len(curve)),
        ylim=(excess / 3, None),
        xlabel="training step",
        ylabel="excess loss",
    )


def main() -> None:
    curve = read_table("plots/train_diffusion.csv", ["step", "loss"])
    metrics = read_metrics("metrics/details/evaluate_diffusion.json")
    floor, excess = metrics["bayes_loss"], metrics["excess_loss"]

    figure = new_figure(height=0.3)
    left, right = figure.subplots(1, 2)
    draw_loss(left, curve, floor, excess)
    draw_excess(right, curve, floor, excess)
    save(figure, "diffusion_loss")
    write_losses("plots/diffusion_loss.csv", curve, floor)


if __name__ == "__main__":
    run(main)
