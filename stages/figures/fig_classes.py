"""The data, coloured by class (exercise 2.2.2, conditional, question 1)."""

from lab.core.artifacts import read_arrays
from lab.core.entry import run
from lab.drawing.plane import draw_data, write_points
from lab.drawing.style import CLASSES, draw_regions, new_figure, save


def main() -> None:
    points = read_arrays("data/points.npz")["points"]
    classes = read_arrays("data/classes.npz")

    figure = new_figure(height=0.31, width=0.38)
    axes = figure.subplots()
    colors = [CLASSES[label] for label in classes["labels"]]
    axes.scatter(points[:, 0], points[:, 1], s=1.5, c=colors, linewidths=0)
    draw_data(axes, reach=1.12)
    draw_regions(axes, classes["regions"], numbers=True)
    save(figure, "classes")
    write_points("classes", points, classes["labels"])


if __name__ == "__main__":
    run(main)
