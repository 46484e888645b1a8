"""How a step is held against the truth, and what is said of it if it differs."""

from collections.abc import Mapping

import torch
from torch import Tensor


class StepError(Exception):
    """What is wrong with a step, in a sentence or two, and the likely cause, if one is known."""

    def __init__(self, what: str, cause: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.cause = cause


def check_tensor(name: str, found: object, shape: tuple[int, ...]) -> Tensor:
    """`found`, detached and in float64. Raises StepError unless it is finite and of this shape."""
    if not isinstance(found, Tensor):
        raise StepError(f"{name} is of the type {type(found).__name__}: has to be a tensor")
    if tuple(found.shape) != shape:
        raise StepError(f"{name} has the shape {tuple(found.shape)}: has to have {shape}")
    found = found.detach().double()
    if not found.isfinite().all():
        raise StepError(f"{name} has {int((~found.isfinite()).sum())} numbers that are not finite")
    return found


def distance(found: Tensor, expected: Tensor) -> float:
    """The root mean square of the differences, relative to that of the expected numbers."""
    return float((found - expected).square().mean().sqrt() / expected.square().mean().sqrt())


def agree(
    name: str,
    found: object,
    expected: Tensor,
    as_if: Mapping[str, Tensor],
    *,
    tolerance: float = 1e-3,
) -> None:
    """Raise StepError unless a result is the expected one; name the mistake it comes from, if any.

    `as_if` has the results of known mistakes; the closest is named, after "as if". The place where
    the results differ most stands in brackets after `name`, or for its {}.
    """
    expected = expected.double()
    given = check_tensor(name.replace(" {},", "").replace(" {}", ""), found, tuple(expected.shape))
    if distance(given, expected) < tolerance:
        return
    fits = {mistake: distance(given, result.double()) for mistake, result in as_if.items()}
    closest = min(fits, key=fits.__getitem__, default="")
    cause = f"as if {closest}" if closest and fits[closest] < tolerance else ""
    worst = torch.unravel_index((given - expected).abs().argmax(), given.shape)
    place = tuple(int(i) for i in worst)
    where = ", ".join(map(str, place))
    named = name.format(where) if "{}" in name else f"{name}[{where}]" if place else name
    raise StepError(f"{named} is {given[place]:.6g}: has to be {expected[place]:.6g}", cause)
