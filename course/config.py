"""What a student's number decides: the data, the schedule, the classes, the sentences.

Drawn with `random.Random(number).random()`, the one draw that Python promises never to change.
"""

import json
import random
from dataclasses import asdict, dataclass
from pathlib import Path

from lookingglass.diffusion.class_truth import ClassTruth
from lookingglass.diffusion.schedule import ExponentialSchedule
from lookingglass.diffusion.truth import UniformBox
from lookingglass.errors import InputError

FILE = "config.json"
MOST = 10**9
SENTENCES = (
    "I am a little squirrel holding a walnut",
    "The Rabbit was looking for his gloves",
    "I never heard of a cat without a grin",
    "She began to cry again in a low voice",
    "The Queen said nothing for some minutes",
    "It was high time to go down the garden",
    "They were all talking at once about the tea",
    "You should learn to dance with the Mouse",
)
"""To be inverted: the shipped GPT has a row for each of their tokens."""


@dataclass(frozen=True)
class Config:
    """One student's numbers."""

    student: int
    rate: float
    """Of sigma(t) = exp(rate (t - 1)), 4 to 6."""
    square: tuple[float, float, float, float]
    """Left, bottom, right, top."""
    regions: tuple[tuple[float, float, float, float], ...]
    """The same of each class; they fill the square without overlap."""
    target: tuple[float, float]
    """The far point that sampling is to be steered to."""
    sentence: str
    """To be inverted."""
    word: int
    """Which word of a generated sentence is to be explained, counted from 1."""

    @property
    def schedule(self) -> ExponentialSchedule:
        """The exercise's schedule, with this rate."""
        return ExponentialSchedule(self.rate)

    @property
    def truth(self) -> UniformBox:
        """The distribution of the data."""
        return _box(self.square)

    @property
    def class_truth(self) -> ClassTruth:
        """The distribution of the data in each class."""
        return ClassTruth([_box(region) for region in self.regions])


def _box(sides: tuple[float, float, float, float]) -> UniformBox:
    left, bottom, right, top = sides
    return UniformBox((left, bottom), (right, top))


def config_of(student: int) -> Config:
    """The numbers of a student. Raises InputError unless `student` is from 0 to 10^9."""
    if not 0 <= student <= MOST:
        raise InputError(f"student {student}: must be from 0 to {MOST}")
    draw = random.Random(student).random

    def between(low: float, high: float) -> float:
        return round(low + (high - low) * draw(), 3)

    rate, side = between(4, 6), between(1.6, 2.4)
    left, bottom = between(-1.4, -0.6), between(-1.4, -0.6)
    right, top = round(left + side, 3), round(bottom + side, 3)
    # a pinwheel: a centre, and four regions around it
    x1, x2 = (
        between(left + 0.25 * side, left + 0.4 * side),
        between(right - 0.4 * side, right - 0.25 * side),
    )
    y1, y2 = (
        between(bottom + 0.25 * side, bottom + 0.4 * side),
        between(top - 0.4 * side, top - 0.25 * side),
    )
    pinwheel = [
        (x1, y1, x2, y2),
        (left, bottom, x2, y1),
        (x2, bottom, right, y2),
        (x1, y2, right, top),
        (left, y1, x1, top),
    ]
    first = int(draw() * len(pinwheel))
    return Config(
        student=student,
        rate=rate,
        square=(left, bottom, right, top),
        regions=tuple(pinwheel[first:] + pinwheel[:first]),
        target=(between(3, 5), between(4, 6)),
        sentence=SENTENCES[int(draw() * len(SENTENCES))],
        word=8 + int(draw() * 5),
    )


def write_config(config: Config, folder: Path) -> None:
    """Write it to a student's folder."""
    (folder / FILE).write_text(json.dumps(asdict(config), indent=2) + "\n", encoding="utf-8")


def read_config(folder: Path) -> Config:
    """The numbers of the student whose folder this is.

    Raises InputError unless the file is there, whole, and as `write_config` left it.
    """
    path = folder / FILE
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        config = config_of(found["student"])
    except FileNotFoundError as error:
        raise InputError(f"{path}: not there; is {folder} a folder of course.start?") from error
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(f"{path}: damaged; 'python -m course.start' writes another") from error
    drawn = json.loads(json.dumps(asdict(config)))
    if changed := [key for key in drawn if found.get(key) != drawn[key]]:
        [*_, key] = changed
        raise InputError(
            f"{path}: {key} = {found.get(key)}: student {config.student} has {drawn[key]}"
        )
    return config
