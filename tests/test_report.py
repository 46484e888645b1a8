"""The report stage stops with one clear line rather than print a page with a hole in it."""

import json
from pathlib import Path

import numpy as np
import pytest

from lookingglass.artifacts import write_arrays
from tests.conftest import Checkout
from tests.test_dependencies import stages

CONTENT = {
    ".svg": '<svg xmlns="http://www.w3.org/2000/svg" width="400" height="200"></svg>',
    ".txt": "Alice",
    ".csv": "x,y,class,right_class,diffusion_T,bound_T,bound,flow,truth,reconstruction,"
    "way,distance,norm,log10_probability\n"
    "0,0,1,1,-6,1,1,1,1,7,a way,0.5,45,-3\n0,0,2,0,-60,-50,-50,-9,-999,7,another,0,45,-3\n",
}


@pytest.fixture
def ready(copy: Checkout) -> Checkout:
    """A copy in which everything that the report reads is there."""
    for name in stages()["report"]["deps"]:
        path = copy.path / name
        if name == "data/origin.npz":
            write_arrays(path, square=np.array(True))
        elif not path.exists():
            path.parent.mkdir(exist_ok=True)
            path.write_text(CONTENT[path.suffix])
    (copy.path / "report" / "report.pdf").unlink()
    return copy


def complaint(checkout: Checkout) -> str:
    done = checkout.run("python", "-m", "stages.report", check=False)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert not (checkout.path / "report" / "report.pdf").exists()
    return done.stderr


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_same_bytes(ready: Checkout) -> None:
    pdf = ready.path / "report" / "report.pdf"
    ready.run("python", "-m", "stages.report")
    first = pdf.read_bytes()
    assert first.startswith(b"%PDF")
    ready.run("python", "-m", "stages.report")
    assert pdf.read_bytes() == first


def test_points_of_ones_own_have_a_report_of_figures(ready: Checkout) -> None:
    ready.run("python", "-m", "stages.report")
    about_the_square = (ready.path / "report" / "report.pdf").read_bytes()
    write_arrays(ready.path / "data" / "origin.npz", square=np.array(False))
    ready.run("python", "-m", "stages.report")
    assert (ready.path / "report" / "report.pdf").read_bytes() != about_the_square


def test_missing_figure(ready: Checkout) -> None:
    (ready.path / "plots" / "seeds.svg").unlink()
    assert "plots/seeds.svg" in complaint(ready)


def test_missing_file_of_metrics(ready: Checkout) -> None:
    (ready.path / "metrics" / "sample.json").unlink()
    assert "metrics/sample.json" in complaint(ready)


def test_missing_metric(ready: Checkout) -> None:
    path = ready.path / "metrics" / "sample.json"
    numbers = json.loads(path.read_text())
    del numbers["std"]
    path.write_text(json.dumps(numbers))
    assert "/metrics/sample.json has no std" in complaint(ready)


@pytest.mark.parametrize("value", ["NaN", "null", '"many"'])
def test_a_metric_that_is_no_number(ready: Checkout, value: str) -> None:
    path = ready.path / "metrics" / "sample.json"
    numbers = json.loads(path.read_text()) | {"std": 7.125}
    path.write_text(json.dumps(numbers).replace("7.125", value))
    message = complaint(ready)
    assert "metrics/sample.json: std" in message or "not a number" in message


def test_a_compiler_warning(ready: Checkout) -> None:
    edit(ready.path / "report" / "style.typ", "Libertinus Serif", "No Such Font")
    assert "unknown font family" in complaint(ready)
