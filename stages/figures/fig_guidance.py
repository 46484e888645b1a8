"""What classifier-free guidance does to the samples (exercise 2.2.2, conditional, question 5)."""

from lab.core.artifacts import read_arrays
from lab.core.entry import run
from lab.drawing.plane import draw_data
from lab.drawing.style import CLASSES, draw_regions, new_figure, save


def main() -> None:
    data = read_arrays("data/sample_conditional.npz")
    regions = read_arrays("data/classes.npz")["regions"]
    strengths, guided = data["strengths"], data["guided"]  # guided: (strengths, rows, points, 2)
    names = ("trained", "exact")[: guided.shape[1]]  # your own points have no exact one

    # all panels in one row if they are few, else one row for each denoiser
    rows = 1 if guided.shape[0] * len(names) <= 6 else len(names)
    height = 0.05 + 1.02 * rows / (len(strengths) * len(names) / rows)
    figure = new_figure(height=height)
    grid = figure.subplots(rows, len(names) * len(strengths) // rows, squeeze=False)
    colors = [CLASSES[i] for i in data["label"]]
    for row, (name, part) in enumerate(
        zip(names, grid.reshape(len(names), len(strengths)), strict=True)
    ):
        part[0].set_title(f"{name} denoiser", loc="left")
        for axes, strength, samples in zip(part, strengths, guided[:, row], strict=True):
            axes.scatter(*samples.T, s=0.8, c=colors, linewidths=0)
            draw_data(axes, reach=1.1)
            draw_regions(axes, regions)
            axes.set(xlabel=f"strength {strength:g}", xticks=(), yticks=())
    save(figure, "guidance")


if __name__ == "__main__":
    run(main)
