"""The house style of every figure: size, colours, the outline of the square, and saving."""

import io
from pathlib import Path
from typing import Annotated, Any

import matplotlib as mpl
import numpy as np
from matplotlib import style
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray
from pydantic import Field

from lab.core.artifacts import write_bytes, write_with_twin
from lab.core.params import Section, load

# the truth is always this colour and this dash; the model is the first colour of the cycle
TRUTH: dict[str, Any] = {"color": "black", "linestyle": (0, (4, 2)), "linewidth": 0.9}
MODEL = "#0072B2"
EXACT = "#D55E00"  # what is sampled with the exact denoiser: its errors are the sampler's
# Okabe and Ito's, the yellow last: it is pale on paper
CLASSES = ["#E69F00", "#56B4E9", "#009E73", "#CC79A7", "#0072B2", "#D55E00", "#F0E442"]
TIME = ListedColormap(mpl.colormaps["viridis"](range(230)), name="time")  # its end is too pale


class Params(Section):
    """The section `style`."""

    dpi: Annotated[int, Field(ge=50, le=600)]
    width: Annotated[float, Field(ge=2, le=20)]
    font_size: Annotated[float, Field(ge=4, le=20)]


def new_figure(height: float, *, width: float = 1) -> Figure:
    """An empty figure; height and width are fractions of the text's width."""
    params = load("style", Params)
    mpl.rcdefaults()  # not what a matplotlibrc of the user's says
    style.use(Path(__file__).with_name("style.mplstyle"))
    mpl.rcParams["font.size"] = params.font_size
    size = (params.width * width, params.width * height)
    return Figure(figsize=size, dpi=params.dpi, layout="constrained")


def draw_square(axes: Axes, reach: float) -> None:
    """Outline the data's square, in the plane from -reach to reach."""
    axes.add_patch(Rectangle((-1, -1), 2, 2, fill=False, zorder=3, **TRUTH))
    draw_plane(axes, reach)


def draw_plane(axes: Axes, reach: float) -> None:
    """Equal axes from -reach to reach, with no frame around them."""
    axes.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal")
    axes.set(xticks=(-1, 0, 1), yticks=(-1, 0, 1))
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)


def draw_regions(
    axes: Axes, regions: NDArray[Any], *, fill: bool = False, numbers: bool = False
) -> None:
    """Draw the borders between the classes' rectangles, each a row (left, bottom, right, top)."""
    border: dict[str, Any] = {**TRUTH, "linewidth": 0.6, "zorder": 3}
    for i, (left, bottom, right, top) in enumerate(regions):
        # every inner border is the left or the lower side of one region: drawn once, dashes stay
        if left > -1:
            axes.plot([left, left], [bottom, top], **border)
        if bottom > -1:
            axes.plot([left, right], [bottom, bottom], **border)
        if fill:
            corner, sides = (left, bottom), (right - left, top - bottom)
            axes.add_patch(
                Rectangle(corner, *sides, color=CLASSES[i], alpha=0.25, linewidth=0, zorder=0)
            )
        if numbers:
            label = {"boxstyle": "circle,pad=0.25", "facecolor": "white", "edgecolor": CLASSES[i]}
            centre = ((left + right) / 2, (bottom + top) / 2)
            axes.text(*centre, str(i), ha="center", va="center", bbox=label, zorder=5)


def label_ends(
    axes: Axes, ends: list[tuple[str, str, float, float]], *, apart: float = 2.2
) -> None:
    """Write each line's name, colour given, at its end (x, y), in place of a legend.

    On a logarithmic axis; names that would touch are pushed up to a ratio of `apart`.
    """
    lowest = 0.0
    for name, colour, x, y in sorted(ends, key=lambda end: end[3]):
        lowest = max(y, lowest * apart)
        axes.annotate(
            name, (x, lowest), xytext=(4, 0), textcoords="offset points", color=colour, va="center"
        )


def save(figure: Figure, name: str) -> None:
    """Write plots/NAME.png for screens and plots/NAME.svg for the report."""
    if figure.get_layout_engine() is not None:
        # a solver's layout differs in its last digits from run to run, and the SVG's ids with it
        figure.draw_without_rendering()
        figure.set_layout_engine("none")
        for axes in figure.axes:
            axes.set_position(np.round(axes.get_position(original=True).bounds, 9))
    write_with_twin(f"plots/{name}.png", rendered(figure, "png", {}))
    write_bytes(f"plots/{name}.svg", rendered(figure, "svg", {"Date": None}))
    print(f"-> plots/{name}.png, plots/{name}.svg")


def rendered(figure: Figure, extension: str, metadata: dict[str, Any]) -> bytes:
    """The bytes of a figure in this format."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format=extension, metadata=metadata)
    return buffer.getvalue()
