"""What params.yaml may hold, the message if it holds something else, and that DVC agrees."""

import math
from pathlib import Path
from typing import Annotated, Literal

import dvc.api
import pytest
from pydantic import Field

from lab.core.params import Section, Seed, load, read
from lookingglass.errors import InputError
from tests.conftest import ROOT, Checkout
from tools.check import sections


class Params(Section):
    seed: Seed
    rate: Annotated[float, Field(gt=0, le=1)]
    solver: Literal["euler", "heun"]
    sizes: Annotated[list[int], Field(min_length=2, max_length=2, default_factory=lambda: [1, 2])]


GOOD = "s: {seed: 1, rate: 1e-3, solver: heun}"


def load_text(text: str, folder: Path) -> Params:
    path = folder / "params.yaml"
    path.write_bytes(text.encode())
    return load("s", Params, path)


def test_good(tmp_path: Path) -> None:
    assert load_text(GOOD, tmp_path) == Params(seed=1, rate=0.001, solver="heun")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("s: {seed: 1, rate: 2, solver: heun}",
         "s.rate = 2: must be a number, greater than 0, at most 1"),
        ("s: {seed: -1, rate: 1, solver: heun}",
         "s.seed = -1: must be an integer, at least 0, less than 9223372036854775808"),
        ("s: {seed: 1.0, rate: 1, solver: heun}",
         "s.seed = 1.0: must be an integer, at least 0, less than 9223372036854775808"),
        ("s: {seed: yes please, rate: 1, solver: heun}",
         "s.seed = 'yes please': must be an integer, at least 0, less than 9223372036854775808"),
        ("s: {seed: true, rate: 1, solver: heun}",
         "s.seed = True: must be an integer, at least 0, less than 9223372036854775808"),
        ("s: {seed: 1, rate: .nan, solver: heun}",
         "s.rate = nan: must be a number, greater than 0, at most 1"),
        ("s: {seed: 1, rate: null, solver: heun}",
         "s.rate = None: must be a number, greater than 0, at most 1"),
        ("s: {seed: 1, rate: 1, solver: verlet}",
         "s.solver = 'verlet': must be one of euler, heun"),
        ("s: {seed: 1, rate: 1, solver: heun, stepz: 3}",
         "s.stepz = 3: unknown key; s has seed, rate, solver, sizes"),
        ("s: {seed: 1, solver: heun}",
         "s.rate: missing; must be a number, greater than 0, at most 1"),
        ("s: {seed: 1, rate: 1, solver: heun, sizes: [1]}",
         "s.sizes = [1]: must be a list, of 2, each an integer"),
        ("s: {seed: 1, rate: 1, solver: heun, sizes: [1, a]}",
         "s.sizes.1 = 'a': must be an integer"),
        ("s: 3", "s = 3: must be a section with seed, rate, solver, sizes"),
        ("s:", "s = None: must be a section with seed, rate, solver, sizes"),
        ("t: {}", "s: missing; must be a section with seed, rate, solver, sizes"),
        ("", "must be a mapping of sections"),
        ("[1, 2]", "must be a mapping of sections"),
        ("s: {seed: 1\n", "line 2: did not find expected ',' or '}'"),
        ("s:\n\tseed: 1\n", "line 2: found character that cannot start any token"),
        ("s: {seed: 1, seed: 2}", "line 1: 'seed': given twice in one mapping"),
        ("s: \x00", "unacceptable character"),
    ],
)  # fmt: skip
def test_bad(text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(InputError) as error:
        load_text(text, tmp_path)
    assert message in str(error.value)
    assert str(error.value).startswith(str(tmp_path / "params.yaml"))
    assert "\n" not in str(error.value)


def test_a_file_that_is_not_there_or_not_text(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No such file or directory"):
        read(tmp_path / "params.yaml")
    (tmp_path / "params.yaml").write_bytes(b"a: \xff")
    with pytest.raises(InputError, match="not UTF-8 text"):
        read(tmp_path / "params.yaml")


def test_dvc_reads_the_same_values(copy: Checkout) -> None:
    """YAML 1.1 and 1.2 differ on most of these; what DVC reads decides what it reruns."""
    values = {
        "1e-3": 0.001, "1E3": 1000.0, "off": "off", "010": 10, "0o10": 8, "0x1F": 31, "y": "y",
        "12:30": "12:30", ".5": 0.5, "5.": 5.0, "'1e-3'": "1e-3", "~": None, "-.inf": -math.inf,
    }  # fmt: skip
    path = copy.path / "params.yaml"
    path.write_text("a:\n" + "".join(f"- {value}\n" for value in values), newline="\r\n")
    ours = read(path)
    assert ours == {"a": list(values.values())}
    assert dvc.api.params_show("params.yaml", repo=str(copy.path)) == ours


def test_our_own_file_agrees_too() -> None:
    assert dvc.api.params_show("params.yaml", repo=str(ROOT)) == read(ROOT / "params.yaml")


def test_sections_are_the_stages() -> None:
    assert {"points", "train_diffusion", "sample", "schedule", "style"} <= set(sections())


def check(copy: Checkout) -> list[str]:
    done = copy.run("python", "-m", "tools.check", check=False)
    if done.returncode:
        assert done.returncode == 2
        assert not done.stdout
    return done.stderr.splitlines()


def test_check_passes(copy: Checkout) -> None:
    assert check(copy) == []


def test_check_names_all_that_is_wrong(copy: Checkout) -> None:
    text = (copy.path / "params.yaml").read_text()
    (copy.path / "params.yaml").write_text(text.replace("style:", "styles:"))
    copy.set("points.count", -5)
    copy.set("train_diffusion.stepz", 7)
    lines = check(copy)
    assert len(lines) == 4
    assert lines[0].startswith("params.yaml: styles: unknown section; there are ")
    expected = {
        "params.yaml: points.count = -5: must be an integer, at least 1, at most 1000000",
        "params.yaml: train_diffusion.stepz = 7: unknown key; "
        "train_diffusion has seed, steps, learning_rate, average, augment, symmetric, width, "
        "layers",
        "params.yaml: style: missing; must be a section with dpi, width, font_size",
    }
    assert set(lines[1:]) == expected


def test_a_stage_with_bad_parameters_is_one_line_too(copy: Checkout) -> None:
    copy.set("points.count", 0)
    done = copy.run("python", "-m", "stages.diffusion.points", check=False)
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        "params.yaml: points.count = 0: must be an integer, at least 1, at most 1000000"
    ]
