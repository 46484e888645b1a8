"""Nine samplings of the square, one for each seed (exercise 2.2.2, unconditional, question 3)."""

from lab.core.artifacts import read_arrays
from lab.core.entry import run
from lab.drawing.plane import draw_data
from lab.drawing.style import MODEL, new_figure, save


def main() -> None:
    data = read_arrays("data/sample.npz")

    figure = new_figure(height=0.5, width=0.48)
    grid = figure.subplots(3, 3, sharex=True, sharey=True)
    for axes, points, seed in zip(grid.flat, data["points"], data["seeds"], strict=True):
        axes.scatter(*points.T, s=0.9, color=MODEL, linewidths=0)
        draw_data(axes, reach=1.1)
        axes.set_title(f"seed {seed}")
    save(figure, "seeds")


if __name__ == "__main__":
    run(main)
