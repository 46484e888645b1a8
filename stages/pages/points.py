"""What the pages of the diffusion models share: the points that all three were trained on."""

from pathlib import PurePosixPath

from lab.core.artifacts import read_metrics
from lab.core.params import load
from lab.data.origin import of_square
from stages.pages.words import Recipe, code

ONLY_POINTS = (
    "- It knows points in the plane, and only these; it is a thing to study, of no other use."
)
NO_SQUARE = (
    "The law of one's own points is not known, so the truth here is the points themselves: what a "
    "network that learned them by heart would be."
)


def data() -> str:
    """What the models were trained on, and where that comes from."""
    n = f"{read_metrics('metrics/details/evaluate_diffusion.json')['points']:,}"
    given = load("points", Recipe).values
    if of_square():
        return (
            f"{n} points drawn uniformly in the square [-1, 1]² (`points.seed: {given['seed']}`). "
            "The pipeline draws them itself: nothing was collected, and nobody holds rights in "
            "them."
        )
    return (
        f"{n} points of the user's own, from {code(PurePosixPath(given['file']).name)}, centred "
        "and scaled to fit into the square [-1, 1]²; `centre` and `scale` in `data/origin.npz` "
        "bring a sample back. Of where they come from, and of rights in them, this page knows "
        "nothing."
    )


def noise() -> str:
    """The noise levels, in the words that all three pages use."""
    rate = load("schedule", Recipe).values["rate"]
    return (
        f"Fresh times t from 0 to 1 and fresh noise in every step, "
        f"at strengths σ(t) = exp({rate:g} (t - 1))."
    )


def loading(model: str, label: str = "") -> str:
    """A few lines of Python that draw five points; a test runs them."""
    more = f", label={label}" if label else ""
    return f"""\
```python
import torch
from lookingglass.diffusion.samplers import sample, uniform_times
from lookingglass.diffusion.weights import load_denoiser

denoiser, times = load_denoiser("{model}"), uniform_times(50)
z = torch.randn(5, 2)
print(sample(denoiser, denoiser.schedule, z, times=times, solver="heun"{more}))
```"""
