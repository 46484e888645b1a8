"""The noise schedule that all diffusion stages share: the section `schedule`."""

from typing import Annotated

from pydantic import Field

from lookingglass.diffusion.schedule import ExponentialSchedule
from lookingglass.params import Section, load


class Params(Section):
    rate: Annotated[float, Field(ge=0.1, le=20)]


def load_schedule() -> ExponentialSchedule:
    return ExponentialSchedule(load("schedule", Params).rate)
