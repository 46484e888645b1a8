"""What sweeps have found: the metrics of their experiments, read from git.

An experiment's metrics count only if its target needed their stage: git has those of all stages,
but the others are as the baseline left them.
"""

import json
import subprocess
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from lab.core.params import PARAMS
from lab.core.yaml12 import parse
from lookingglass.errors import InputError
from tools.pipeline import Stage, declared
from tools.sweep.checkout import git
from tools.sweep.grid import Point, described
from tools.sweep.worker import refs

SEEDS = ("seed", "seeds")  # keys that say which replicate it is, and not what is compared


@dataclass(frozen=True)
class Experiment:
    """A point that was run."""

    point: Point
    baseline: str
    commit: str


@dataclass(frozen=True)
class Setting:
    """What is compared: a baseline, and the values of all swept keys but the seeds."""

    baseline: str
    values: tuple[tuple[str, str], ...]  # as JSON


Replicates = dict[tuple[str, Setting], list[float]]
"""The values of each metric at each setting, one for each seed."""


def experiments(*, all_commits: bool) -> list[Experiment]:
    """The sweeps' experiments on the current commit, or on all."""
    where = "refs/exps" if all_commits else refs(git("rev-parse", "HEAD").strip())
    listed = git("for-each-ref", "--format=%(refname) %(objectname) %(contents:subject)", where)
    found = []
    for line in listed.splitlines():
        ref, commit, message = line.split(" ", 2)
        if point := described(message):
            found.append(Experiment(point, "".join(ref.split("/")[2:4]), commit))
    return found


def files(names: list[str]) -> dict[str, str]:
    """The texts of files in git, named COMMIT:PATH; those that are not there are left out."""
    done = subprocess.run(
        ["git", "cat-file", "--batch"],
        input="".join(f"{name}\n" for name in names).encode(),
        check=True,
        stdout=subprocess.PIPE,
    )
    texts, rest = {}, done.stdout
    for name in names:
        header, _, rest = rest.partition(b"\n")
        if not header.endswith(b" missing"):
            size = int(header.split()[-1])
            texts[name], rest = rest[:size].decode(), rest[size + 1 :]
    return texts


def metrics_of(target: str | None, stages: dict[str, Stage]) -> set[str]:
    """The metrics files of a target and of all that it needs."""
    if target not in stages:  # all stages, or one of an older pipeline
        wanted = set(stages) if target is None else set()
    else:
        wanted, new = set(), {target}
        while new:
            wanted |= new
            deps = {dep for name in new for dep in stages[name].deps}
            new = {name for name, stage in stages.items() if deps & set(stage.outs)} - wanted
    written = {out for name in wanted for out in stages[name].outs}
    return {out for out in written if PurePosixPath("/", out).match("/metrics/*.json")}


def replicates(found: list[Experiment]) -> Replicates:
    """Every metric of every experiment, by setting. Raises InputError if there is none."""
    stages = declared()
    written = {target: metrics_of(target, stages) for target in {e.point.target for e in found}}
    keys = sorted({key for e in found for key, _ in e.point.values})
    names = [f"{e.baseline}:{PARAMS}" for e in found]
    names += [f"{e.commit}:{path}" for e in found for path in written[e.point.target]]
    texts = files(sorted(set(names)))
    before = {
        e.baseline: parse(texts[f"{e.baseline}:{PARAMS}"], f"{e.baseline[:7]}:{PARAMS}")
        for e in found
    }
    # by the whole point first: two sweeps with different targets may share points
    values: dict[tuple[str, Setting], dict[tuple[str, ...], float]] = {}
    for e in found:
        setting, seeds = split(e, keys, before[e.baseline])
        for path in written[e.point.target]:
            numbers = json.loads(texts.get(f"{e.commit}:{path}", "{}"))
            for name, value in numbers.items():
                if isinstance(value, int | float) and not isinstance(value, bool):
                    metric = f"{PurePosixPath(path).stem}.{name}"
                    values.setdefault((metric, setting), {})[seeds] = value
    if not values:
        raise InputError(
            "no sweep has run from this commit; --all-commits also shows those of earlier ones"
        )
    return {key: list(by_seed.values()) for key, by_seed in values.items()}


def split(e: Experiment, keys: list[str], before: Any) -> tuple[Setting, tuple[str, ...]]:
    """An experiment's setting and its seeds; keys that it does not set are as in its baseline."""
    own = dict(e.point.values)
    setting, seeds = [], []
    for key in keys:
        section, _, name = key.partition(".")
        value = json.dumps(own.get(key, before.get(section, {}).get(name)), ensure_ascii=False)
        if name in SEEDS:
            seeds.append(value)
        else:
            setting.append((key, value))
    return Setting(e.baseline, tuple(setting)), tuple(seeds)
