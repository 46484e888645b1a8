"""Show what sweeps have found: mean ± 95 % interval over seeds, for each metric and setting.

As a table, as `sweep.csv` and as `sweep.png`, in the folder where it is run.
"""

import io
import json
from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil, isfinite
from typing import Any

from matplotlib.axes import Axes

from lab.core.artifacts import write_bytes, write_table
from lab.drawing.style import new_figure
from lookingglass.intervals import mean_interval
from tools.sweep.results import Replicates, Setting, experiments, replicates

TABLE, FIGURE = "sweep.csv", "sweep.png"
COLUMNS = 2  # of panels in the figure


@dataclass(frozen=True)
class Row:
    """A metric at a setting."""

    metric: str
    setting: Setting
    seeds: int  # how many
    mean: float
    half_width: float  # of the interval; infinite for one seed

    @property
    def shown(self) -> str:
        """The mean with its interval."""
        spread = f" ± {self.half_width:.2g}" if isfinite(self.half_width) else ""
        return f"{self.mean:.5g}{spread}"


def rows(values: Replicates) -> list[Row]:
    """A row for each metric and setting: metrics by name, settings by value."""
    found = [
        Row(metric, setting, len(numbers), *mean_interval(numbers))
        for (metric, setting), numbers in values.items()
    ]
    return sorted(found, key=lambda row: (row.metric, row.setting.baseline, order(row.setting)))


def order(setting: Setting) -> list[tuple[bool, float, str]]:
    """Numbers by value, then all else by its text."""
    return [rank(value) for _, value in setting.values]


def rank(value: str) -> tuple[bool, float, str]:
    number = json.loads(value)
    is_number = isinstance(number, int | float) and not isinstance(number, bool)
    return not is_number, float(number) if is_number else 0.0, value


def text(found: list[Row], *, commits: bool) -> str:
    """The rows as an aligned table; with a column for the baseline's commit if asked."""
    keys = [key for key, _ in found[0].setting.values]
    cells = [[*["commit"] * commits, *keys, "metric", "seeds", "mean ± 95 %"]]
    for row in found:
        own = [value for _, value in row.setting.values]
        commit = [row.setting.baseline[:7]] * commits
        cells.append([*commit, *own, row.metric, str(row.seeds), row.shown])
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return "\n".join("  ".join(map(str.ljust, line, widths)).rstrip() for line in cells)


def csv(found: list[Row]) -> tuple[list[str], Iterable[list[Any]]]:
    """The header and the lines of the .csv; one seed has no interval."""
    keys = [key for key, _ in found[0].setting.values]
    header = ["commit", *keys, "metric", "seeds", "mean", "half_width"]
    lines = (
        [
            row.setting.baseline,
            *(value for _, value in row.setting.values),
            row.metric,
            row.seeds,
            row.mean,
            row.half_width if isfinite(row.half_width) else "",
        ]
        for row in found
    )
    return header, lines


def draw(found: list[Row]) -> bytes:
    """A picture, .png: a panel for each metric, over the key with the most values."""
    metrics = sorted({row.metric for row in found})
    down = ceil(len(metrics) / COLUMNS)
    figure = new_figure(height=0.05 + 0.4 * down)
    panels = list(figure.subplots(down, min(COLUMNS, len(metrics)), squeeze=False).flat)
    for axes, metric in zip(panels, metrics, strict=False):
        draw_metric(axes, [row for row in found if row.metric == metric])
        axes.set_title(metric)
    for axes in panels[len(metrics) :]:
        axes.set_axis_off()
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    return buffer.getvalue()


def draw_metric(axes: Axes, found: list[Row]) -> None:
    """A line for each combination of the other keys, with the intervals as error bars."""
    values: dict[str, set[str]] = {}
    for row in found:
        for key, value in (("commit", row.setting.baseline[:7]), *row.setting.values):
            values.setdefault(key, set()).add(json.dumps(value) if key == "commit" else value)
    across = max(values, key=lambda key: len(values[key]))
    others = [key for key in values if key != across and len(values[key]) > 1]
    places = {value: i for i, value in enumerate(sorted(values[across], key=rank))}
    lines: dict[str, list[tuple[int, Row]]] = {}
    for row in found:
        own = dict(row.setting.values) | {"commit": json.dumps(row.setting.baseline[:7])}
        label = ", ".join(f"{key} = {own[key].strip(chr(34))}" for key in others)
        lines.setdefault(label, []).append((places[own[across]], row))
    for i, (label, points) in enumerate(lines.items()):
        aside = 0.06 * (i - (len(lines) - 1) / 2)  # so that bars do not hide each other
        axes.errorbar(
            [place + aside for place, _ in points],
            [row.mean for _, row in points],
            yerr=[row.half_width if isfinite(row.half_width) else 0 for _, row in points],
            fmt="o-",
            markersize=2.5,
            capsize=2,
            label=label,
        )
    axes.set_xticks(range(len(places)), [value.strip('"') for value in places])
    axes.set_xlabel(across)
    if len(lines) > 1:
        axes.legend()


def show(*, all_commits: bool) -> None:
    """Print the table, and write it and its picture."""
    found = rows(replicates(experiments(all_commits=all_commits)))
    print(text(found, commits=all_commits))
    write_table(TABLE, *csv(found))
    write_bytes(FIGURE, draw(found))
    print(f"-> {TABLE}, {FIGURE}")
