"""Sweeps: the grid, real ones on this machine with the small pipeline, and their table."""

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from statistics import mean, stdev

import mpmath
import pytest

from lab.core.yaml12 import parse
from lookingglass.errors import InputError
from lookingglass.intervals import mean_interval, student_t
from tests.conftest import ROOT, Checkout, copy_to, environment, shrink
from tools.sweep.grid import Point, described, points

TARGET = "evaluate_diffusion"
SWEEP = ("python", "-m", "tools.sweep")
GRID = ("train_diffusion.width=4,8", "train_diffusion.seed=1..2", "--target", TARGET, "--jobs", "2")


def test_the_grid(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    found = points(["train_diffusion.seed=0..2", "train_diffusion.learning_rate=1e-2,0.02"], TARGET)
    assert [point.overrides for point in found[:3]] == [
        ("train_diffusion.learning_rate=0.01", "train_diffusion.seed=0"),
        ("train_diffusion.learning_rate=0.02", "train_diffusion.seed=0"),
        ("train_diffusion.learning_rate=0.01", "train_diffusion.seed=1"),
    ]
    assert len({point.name for point in found}) == len(found) == 6
    assert all(described(point.message) == point for point in found)
    lists = points(["steps.steps=[3, 4, 5, 6, 7],[6,7,8,9,10]", 'generate.prompt="a, b",c'], None)
    assert [dict(point.values)["steps.steps"][0] for point in lists] == [3, 3, 6, 6]
    assert dict(lists[0].values)["generate.prompt"] == "a, b"
    assert all(described(point.message) == point for point in lists)


def test_a_name_depends_on_the_point_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    rate, seed = "train_diffusion.learning_rate", "train_diffusion.seed"
    (one,) = points([f"{rate}=1e-2", f"{seed}=3"], TARGET)
    (same,) = points([f"{seed}=3..3", f"{rate}=0.010"], TARGET)
    assert one.name == same.name
    assert one.name == "sweep-eb5fef180a"  # in any process, today and tomorrow
    others = [Point(one.values, None), Point(((rate, 0.01), (seed, 4)), TARGET)]
    assert len({one.name, *(other.name for other in others)}) == 3
    assert described("Made") is None
    assert described("sweep 'not closed") is None


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["train_diffusion"], r"train_diffusion: must be SECTION.KEY=VALUES"),
        (["width=3"], r"width=3: must be SECTION.KEY=VALUES"),
        (["train_diffusion.width="], r"no values"),
        (["train_diffusion.width=[1"], r"train_diffusion.width=\[1: line"),
        (["train_diffusion.width=8,16,8"], r"8 is given twice"),
        (["train_diffusion.seed=1", "train_diffusion.seed=2"], r"seed: is given twice"),
        (["train_diffusion.seed=4..1"], r"range of 1 to 10,000"),
        (["train_diffusion.seed=0..99999"], r"range of 1 to 10,000"),
        (["train_diffusion.seed=0..999", "points.seed=0..99"], r"100,000 points; at most 10,000"),
        (["train_diffusion.widht=3"], r"widht = 3: unknown key; train_diffusion has seed"),
        (["train_difusion.width=3"], r"train_difusion: unknown section; there are"),
        (["train_diffusion.width=8,0"], r"width = 0: must be an integer, at least 1"),
        (["train_diffusion.learning_rate=.5e3"], r"write 0.5e3, or quote it"),
        (["evaluate_gpt.stride=1000"], r"stride"),  # valid alone, but not with the block size
        (["generate.prompt='${x}'"], r"DVC cannot set this value"),
        (["train_diffusion.width=3", "--target", "evaluate"], r"evaluate: no such stage"),
        (["train_gpt.seed=3", "--target", TARGET], r"train_gpt.seed: --target .* does not depend"),
        ([], r"nothing to run: give an axis"),
        (["--table", "train_diffusion.width=3"], r"--table: .* takes no SECTION"),
        (["train_diffusion.width=3", "--all-commits"], r"--all-commits: goes with --table"),
        (["train_diffusion.width=3", "--address", "x"], r"--address: goes with --on ray"),
        (["train_diffusion.width=3", "--jobs", "0"], r"--jobs: '0': must be from 1 to 10000"),
    ],
)  # fmt: skip
def test_what_is_refused(
    arguments: list[str], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One line, before anything runs."""
    from tools.sweep import __main__ as program

    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(sys, "argv", ["sweep", *arguments])
    monkeypatch.setattr(program, "jobs", lambda *_, **__: pytest.fail("it was to be refused"))
    with pytest.raises((InputError, SystemExit)) as refused:
        program.main()
    if isinstance(refused.value, InputError):
        assert "\n" not in str(refused.value)
        refused.match(message)
    else:
        assert refused.value.code == 2


def test_intervals() -> None:
    centre, half = mean_interval([1.0, 2.0, 3.0])
    assert (centre, half) == (2.0, pytest.approx(4.302652729749 / 3**0.5))
    assert mean_interval([5.0]) == (5.0, float("inf"))
    for freedom in (*range(1, 30), 100, 501):
        t = student_t(0.95, freedom)
        outside = mpmath.betainc(freedom / 2, 0.5, 0, freedom / (freedom + t * t), regularized=True)
        assert float(outside) == pytest.approx(0.05, rel=1e-9), freedom


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory, downloads: Path) -> Path:
    """The small pipeline, committed, with the stages up to the target made."""
    path = tmp_path_factory.mktemp("sweep") / "base"
    checkout = shrink(copy_to(path, downloads))
    checkout.repro(TARGET)
    checkout.commit("Made")
    return path


@pytest.fixture
def ready(base: Path, tmp_path: Path) -> Checkout:
    return Checkout(Path(shutil.copytree(base, tmp_path / "ready")))


def experiments(checkout: Checkout) -> dict[str, str]:
    """The names and commits of the experiments on HEAD."""
    listed = checkout.run("git", "for-each-ref", "--format=%(refname) %(objectname)", "refs/exps")
    head = checkout.run("git", "rev-parse", "HEAD").stdout.strip()
    pairs = [line.split() for line in listed.stdout.splitlines()]
    assert all("".join(ref.split("/")[2:4]) == head for ref, _ in pairs)
    return {ref.rpartition("/")[2]: commit for ref, commit in pairs}


def left(checkout: Checkout) -> set[str]:
    """What a sweep has left behind, apart from its empty locks."""
    folder = checkout.path / ".dvc" / "tmp" / "sweep"
    assert not any(lock.stat().st_size for lock in folder.glob("*.lock"))
    return {path.name for path in folder.iterdir() if path.suffix != ".lock"}


def contents(checkout: Checkout, commit: str, path: str) -> str:
    return checkout.run("git", "show", f"{commit}:{path}").stdout


@pytest.mark.long
@pytest.mark.pipeline
def test_a_sweep_and_its_table(ready: Checkout) -> None:
    before = ready.artifacts()
    done = ready.run(*SWEEP, *GRID)
    assert "all points are there" in done.stdout
    assert left(ready) == set()
    assert ready.artifacts() == before
    assert ready.run("git", "status", "--porcelain").stdout == ""

    found = experiments(ready)
    assert len(found) == 4
    losses: dict[int, dict[int, float]] = {4: {}, 8: {}}
    for commit in found.values():
        params = parse(contents(ready, commit, "params.yaml"), "params.yaml")["train_diffusion"]
        loss = json.loads(contents(ready, commit, f"metrics/{TARGET}.json"))["excess_loss"]
        losses[params["width"]][params["seed"]] = loss
    assert {width: sorted(of) for width, of in losses.items()} == {4: [1, 2], 8: [1, 2]}

    assert "4 of 4 points are there already" in ready.run(*SWEEP, *GRID).stdout
    assert experiments(ready) == found

    shown = ready.run(*SWEEP, "--table").stdout
    rows = list(csv.DictReader((ready.path / "sweep.csv").read_text().splitlines()))
    assert len(rows) == 2, "only the target's metrics were made"
    for row in rows:
        values = losses[int(row["train_diffusion.width"])].values()
        assert (row["metric"], row["seeds"]) == (f"{TARGET}.excess_loss", "2")
        assert float(row["mean"]) == pytest.approx(mean(values), rel=1e-5)
        half = 12.7062047 * stdev(values) / 2**0.5
        assert float(row["half_width"]) == pytest.approx(half, rel=1e-4)
        assert f"{mean(values):.5g} ± {half:.2g}" in shown
    assert (ready.path / "sweep.png").read_bytes().startswith(b"\x89PNG")
    assert ready.run("git", "status", "--porcelain").stdout == ""

    # what a sweep has trained is not trained again here, and gives the same
    ready.set("train_diffusion.width", 4)
    ready.set("train_diffusion.seed", 2)
    assert "train_diffusion" not in ready.repro(TARGET)
    assert json.loads((ready.path / f"metrics/{TARGET}.json").read_text()) == {
        "excess_loss": losses[4][2]
    }

    # a later commit has no sweep yet
    ready.commit("Another baseline")
    assert "no sweep" in ready.run(*SWEEP, "--table", check=False).stderr
    ready.run(*SWEEP, "--table", "--all-commits")
    assert len((ready.path / "sweep.csv").read_text().splitlines()) == 3


@pytest.mark.pipeline
def test_what_failed(ready: Checkout) -> None:
    """It is named, with the last line of its log, which stays; the other point is there."""
    broken = "if params.seed == 1: raise SystemExit('no luck with this seed')"
    module = ready.path / "stages" / "diffusion" / "points.py"
    text = module.read_text()
    line = next(line for line in text.splitlines() if 'load("points"' in line)
    indent = line[: len(line) - len(line.lstrip())]
    module.write_text(text.replace(line, f"{line}\n{indent}{broken}"))
    ready.commit("A stage that fails")
    done = ready.run(*SWEEP, "points.seed=0,1", "--target", "points", check=False)
    assert done.returncode == 1
    assert "points.seed=1: no luck with this seed\n" in done.stderr
    assert "1 of 2 points failed" in done.stderr
    assert len(experiments(ready)) == 1
    (log,) = [name for name in left(ready) if name.endswith(".log")]
    assert str(ready.path / ".dvc" / "tmp" / "sweep" / log) in done.stderr


@pytest.mark.scale
@pytest.mark.skipif(os.name == "nt", reason="needs process groups")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_stopped_and_finished(ready: Checkout, number: signal.Signals) -> None:
    """Ctrl-C ends all that was started; after it, or a worker's sudden death, all still works."""
    command = [*SWEEP, "train_diffusion.seed=1..3", "--target", "train_diffusion", "--jobs", "1"]
    folder = ready.path / ".dvc" / "tmp" / "sweep"
    with subprocess.Popen(
        [sys.executable, *command[1:]],
        cwd=ready.path,
        env=environment(),
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as sweep:
        while not (working := in_training(folder)):  # the first is there, the second trains
            assert sweep.poll() is None, "it ended before it could be stopped"
            time.sleep(0.01)
        os.killpg(sweep.pid, number)
        assert sweep.stderr
        said = sweep.stderr.read()
    if number == signal.SIGINT:
        assert sweep.returncode == 130
        assert said.splitlines()[-1] == "interrupted"
        assert not alive(working), "something that the sweep started goes on"
        assert len(experiments(ready)) == 1
    else:  # it leaves its worker behind, which ends its point and deletes the clone
        while working.exists():
            time.sleep(0.1)
    there = len(experiments(ready))
    assert there == (1 if number == signal.SIGINT else 2)
    assert ready.run("git", "status", "--porcelain").stdout == ""
    done = ready.run(*command)
    assert f"{there} of 3 points are there already" in done.stdout
    assert len(experiments(ready)) == 3
    assert not [name for name in left(ready) if not name.startswith("jobs-")]


def in_training(folder: Path) -> Path | None:
    """The clone that trains, once another point is there."""
    logs = list(folder.glob("*.log"))
    if len(list(folder.glob("*.lock"))) != 2 or len(logs) != 1:
        return None
    return logs[0].with_suffix("") if "Running stage 'train" in logs[0].read_text() else None


def alive(clone: Path) -> list[str]:
    """The processes that work in a clone."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (process / "cwd").readlink() == clone:
                found.append((process / "cmdline").read_text())
        except OSError:  # it has ended
            continue
    return found


@pytest.mark.scale
def test_with_a_remote(ready: Checkout) -> None:
    """The remote, named in config.local by a relative path, has all; the cache here is not used."""
    ready.run("dvc", "remote", "add", "--local", "--default", "store", "../store")
    ready.run("dvc", "push", "--run-cache", TARGET)
    ready.run(*SWEEP, "points.seed=5", "--target", "points")
    (commit,) = experiments(ready).values()
    lock = parse(contents(ready, commit, "dvc.lock"), "dvc.lock")["stages"]["points"]
    for out in lock["outs"]:
        place = Path("files", "md5", out["md5"][:2], out["md5"][2:])
        assert (ready.path.parent / "store" / place).is_file(), out["path"]
    fresh = {out["md5"] for out in lock["outs"] if out["path"] == "data/points.npz"}.pop()
    assert not (ready.path / ".dvc/cache/files/md5" / fresh[:2] / fresh[2:]).exists()


@pytest.mark.pipeline
def test_a_workspace_that_cannot_be_cloned(ready: Checkout) -> None:
    with (ready.path / "params.yaml").open("a") as params:
        params.write("# changed\n")
    done = ready.run(*SWEEP, "points.seed=5", check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("not committed: params.yaml; ")
    assert done.stderr.count("\n") == 1
    assert not (ready.path / ".dvc" / "tmp" / "sweep").exists()
