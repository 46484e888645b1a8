"""What classifier-free guidance does to the samples (exercise 2.2.2, conditional, question 5)."""

from lookingglass.artifacts import read_arrays
from stages.entry import run
from stages.figures.data import draw_data
from stages.figures.style import CLASSES, draw_regions, new_figure, save


def main() -> None:
    data = read_arrays("data/sample_conditional.npz")
    regions = read_arrays("data/classes.npz")["regions"]
    strengths, guided = data["strengths"], data["guided"]  # guided: (strengths, rows, points, 2)
    names = ("trained", "exact")[: guided.shape[1]]  # no exact one for the user's own points

    figure = new_figure(height=0.03 + len(names) * 0.975 / len(strengths))
    grid = figure.subplots(len(names), len(strengths), sharex=True, sharey=True, squeeze=False)
    colors = [CLASSES[i] for i in data["label"]]
    for row, name in enumerate(names):
        for column, strength in enumerate(strengths):
            axes = grid[row, column]
            axes.scatter(*guided[column, row].T, s=1.2, c=colors, linewidths=0)
            draw_data(axes, reach=1.15)
            draw_regions(axes, regions)
            if row == 0:
                axes.set_title(f"strength {strength:g}")
        grid[row, 0].set_ylabel(f"{name} denoiser")
    save(figure, "guidance")


if __name__ == "__main__":
    run(main)
