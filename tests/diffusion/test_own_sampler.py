"""A sampler from a file: what it may hold, what it is handed, and the pipeline run with it."""

import json
import re
from pathlib import Path

import pytest
import torch

from course.stub import REFERENCE, for_student
from lab.core.yaml12 import read_yaml
from lab.sampling.own import BUILT_IN, HANDED_OUT, load_sampler
from lookingglass.diffusion.network import EdgeNetwork
from lookingglass.diffusion.samplers import sample, uniform_times
from lookingglass.diffusion.schedule import ExponentialSchedule
from lookingglass.errors import InputError
from tests.conftest import ROOT, Checkout
from tests.course.right import DIFFUSION
from tools.deps import PIPELINE, folded

Z = torch.randn(40, 2, generator=torch.Generator().manual_seed(0))


def network() -> EdgeNetwork:
    """One that is not trained, with a schedule that no student has."""
    schedule = ExponentialSchedule(5.0)
    generator = torch.Generator().manual_seed(1)
    return EdgeNetwork(schedule, data_std=0.6, width=8, layers=2, generator=generator)


def ends(file: str | Path, name: str, steps: int) -> torch.Tensor:
    """Where the function of a file leads Z."""
    return load_sampler(str(file), name)(network(), Z, steps, torch.Generator().manual_seed(2))


def exact_ends() -> torch.Tensor:
    """Where the ODE leads Z."""
    return sample(network(), network().schedule, Z, times=uniform_times(400), solver="rk4")


@pytest.fixture
def student(tmp_path: Path) -> Path:
    """A file of student 17, whose schedule's rate is another."""
    path = tmp_path / "diffusion.py"
    path.write_text(for_student(REFERENCE, "diffusion.py", 17), encoding="utf-8")
    return path


def test_algorithm_1_is_the_library_s() -> None:
    right = sample(network(), network().schedule, Z, times=uniform_times(30), solver="euler")
    assert torch.equal(ends(BUILT_IN, "algorithm_1", 30), right)


def test_a_students_samplers_lead_to_the_same_points(student: Path) -> None:
    """Its own sigma(t) says which noise level a time is, so that the rate makes no difference."""
    longest = float((exact_ends() - Z).norm(dim=1).max())
    for name, steps, share in (("algorithm_1", 1000, 0.01), ("faster_sampler", 200, 0.001)):
        distance = (ends(student, name, steps) - exact_ends()).norm(dim=1)
        assert float(distance.max()) < share * longest, name


def test_a_stochastic_sampler_draws_from_the_seed(student: Path) -> None:
    once, again = (ends(student, "stochastic_sampler", 20) for _ in range(2))
    assert torch.equal(once, again)
    sampler = load_sampler(str(student), "stochastic_sampler")
    assert not torch.equal(once, sampler(network(), Z, 20, torch.Generator().manual_seed(3)))


@pytest.mark.parametrize("written", ["float64", "scalar times"])
def test_what_the_check_accepts_runs_here(written: str, student: Path) -> None:
    student.write_text(student.read_text() + DIFFUSION[written], encoding="utf-8")
    plain = ends(BUILT_IN, "algorithm_1", 500)
    assert torch.allclose(ends(student, "algorithm_1", 500), plain, atol=0.02)


def test_the_one_in_the_documentation(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "own-data.md").read_text(encoding="utf-8")
    [code] = re.findall(r"```python\n(.*?)```", text, re.S)
    [file, name] = re.findall(r"    (?:file|name): (\S+)\n", text)
    (tmp_path / file).write_text(code, encoding="utf-8")
    right = sample(network(), network().schedule, Z, times=uniform_times(50), solver="ddim")
    assert torch.allclose(ends(tmp_path / file, name, 50), right, atol=1e-4)


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("import helper", "line 1: imports helper; a sampler is one file"),
        ("from .helper import f", "line 1: imports .helper; a sampler"),
        ("from course import check", "line 1: imports course.check; a sampler"),
        ("import lookingglass.diffusion.samplers", "imports lookingglass.diffusion.samplers; a"),
        ("def f(:", "line 1: invalid syntax"),
        ("a = 1\n1 / 0", "line 2: ZeroDivisionError: division by zero"),
        ("raise SystemExit(3)", "line 1: SystemExit: 3"),
        ("def g(denoiser, z, steps): ...",
         "sample.solver.name = 'f': must be a function of (denoiser, z, steps) or of "
         "(denoiser, z, steps, generator) in own.py, which has g"),
        ("def f(z): ...", "in own.py, which has none"),
        ("def f(denoiser, z, steps):\n    return z[0, 7]", "line 2: IndexError: index 7 is out of"),
        ("def f(denoiser, z, steps):\n    return denoiser(z)", "line 2: TypeError: "),
        ("def f(denoiser, z, steps):\n    return z[:3]",
         "f: gives shape (3, 2); must be a tensor of shape (40, 2)"),
        ("def f(denoiser, z, steps): ...", "f: gives NoneType; must be a tensor of shape (40, 2)"),
        ("def f(denoiser, z, steps):\n    return z / 0", "f: gives points that are not finite"),
    ],
)  # fmt: skip
def test_a_bad_file_is_one_line(
    code: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("own.py").write_text(code, encoding="utf-8")
    Path("helper.py").write_text("def f(denoiser, z, steps): return z", encoding="utf-8")
    with pytest.raises(InputError) as error:
        ends("own.py", "f", 2)
    assert message in str(error.value)
    assert "own.py" in str(error.value)
    assert "\n" not in str(error.value)


def test_what_a_student_s_file_is_handed_is_a_dependency() -> None:
    """All that `course.given` imports, directly or indirectly."""
    code = (
        "import sys, course.given\n"
        "for module in list(sys.modules.values()): print(getattr(module, '__file__', None) or '')"
    )
    loaded = map(Path, Checkout(ROOT).run("python", "-c", code).stdout.split("\n"))
    needed = {
        folded(path.relative_to(ROOT).as_posix())
        for path in loaded
        if path.is_relative_to(ROOT) and ".venv" not in path.parts and path.stat().st_size
    }
    assert set(HANDED_OUT) <= needed <= set(read_yaml(ROOT / PIPELINE)["stages"]["sample"]["deps"])


@pytest.mark.pipeline
def test_a_sampler_in_the_pipeline(made: Checkout, student: Path) -> None:
    """Edits are noticed, what was made before comes back, and a failing sampler is one line."""
    sampler = made.path / "mine.py"
    sampler.write_text(student.read_text(encoding="utf-8"), encoding="utf-8")
    solver = {"file": "mine.py", "name": "faster_sampler"}
    made.set("sample.solver", solver)
    before = (made.path / "data" / "sample.npz").read_bytes()
    assert made.repro("fig_seeds") == ["sample", "fig_seeds"]
    after = (made.path / "data" / "sample.npz").read_bytes()
    assert after != before
    details = json.loads((made.path / "metrics" / "details" / "sample.json").read_text())
    assert details["sampler"] == "faster_sampler of mine.py"

    code = student.read_text(encoding="utf-8")
    sampler.write_text(code.replace("(eps + eps_after) / 2", "eps"), encoding="utf-8")
    assert made.repro("sample") == ["sample"]
    assert (made.path / "data" / "sample.npz").read_bytes() != after

    made.set("sample.solver", {"file": BUILT_IN, "name": "algorithm_1"})
    assert made.repro("sample") == []
    assert (made.path / "data" / "sample.npz").read_bytes() == before

    sampler.write_text("def faster_sampler(denoiser, z, steps):\n    return z @ z\n")
    made.set("sample.solver", solver)
    failed = made.run("dvc", "repro", "sample", check=False)
    assert failed.returncode
    lines = [line for line in failed.stderr.splitlines() if "mine.py" in line]
    assert len(lines) == 1
    assert lines[0].startswith("mine.py: line 2: RuntimeError: ")
