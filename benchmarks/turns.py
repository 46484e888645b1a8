"""Contestants that take turns, so that whatever else the machine does slows all alike."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Spent:
    """Seconds that passed, and those that the processor worked for this process, on all cores."""

    wall: float
    cpu: float

    def __add__(self, other: "Spent") -> "Spent":
        return Spent(self.wall + other.wall, self.cpu + other.cpu)


NOTHING = Spent(0.0, 0.0)


def spend(work: Callable[[], object]) -> Spent:
    """Do the work; gives what it took."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return Spent(time.perf_counter() - wall, time.process_time() - cpu)


def take_turns(rounds: int, works: Mapping[str, Callable[[], object]]) -> dict[str, list[Spent]]:
    """Do each work once a round, in turns, after a round that is not counted."""
    for work in works.values():
        work()
    spent: dict[str, list[Spent]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            spent[name].append(spend(work))
    return spent


def comparison(spent: Mapping[str, list[Spent]], baseline: str, tokens: int) -> list[list[str]]:
    """A row for each contestant: its name, tokens a second, and its speed beside the baseline's.

    `tokens` is how many each made or read in a round. The speed beside the baseline's is compared
    within each round, by the time that passed (the median round, the least and the most) and by
    the processor's time (the median round).
    """
    rows = []
    for name, own in spent.items():
        pairs = list(zip(spent[baseline], own, strict=True))
        wall = sorted(theirs.wall / ours.wall for theirs, ours in pairs)
        cpu = median(theirs.cpu / ours.cpu for theirs, ours in pairs)
        speed = median(tokens / ours.wall for ours in own)
        spread = "" if name == baseline else f"{wall[0]:.1f} to {wall[-1]:.1f}"
        rows.append([name, f"{speed:,.0f}", f"{median(wall):.1f}", spread, f"{cpu:.1f}"])
    return rows
