"""The noise schedule that all diffusion stages share (section `schedule` of params.yaml)."""

from typing import Annotated

from pydantic import Field

from lab.core.params import Section, load
from lookingglass.diffusion.schedule import ExponentialSchedule


class Params(Section):
    """The section `schedule`."""

    rate: Annotated[float, Field(ge=0.1, le=20)]


def load_schedule() -> ExponentialSchedule:
    """The schedule of params.yaml."""
    return ExponentialSchedule(load("schedule", Params).rate)
