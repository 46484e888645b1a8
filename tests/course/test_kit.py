"""The kit as students and lecturers use it: folders, verdicts, and what a step may not do."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from course.config import SENTENCES, config_of, read_config, write_config
from course.run_step import PRINTED, check_apart
from course.steps import FILES
from course.steps.language import gpt
from course.stub import REFERENCE, for_student
from course.table import RESULT, read_results, table
from lookingglass.diffusion.regions import check_partition
from lookingglass.errors import InputError
from tests.conftest import ROOT

SCORE = next(step for step in FILES["diffusion.py"] if step.name == "score")


def run(module: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", module, *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_config(config_of(5), tmp_path)
    return tmp_path


def test_a_hundred_numbers_have_a_hundred_answers() -> None:
    configs = [config_of(number) for number in range(100)]
    for key in ("rate", "square", "regions", "target"):
        assert len({getattr(config, key) for config in configs}) > 95, key
    assert len({config.sentence for config in configs}) == len(SENTENCES)
    for config in configs:
        check_partition(config.class_truth.boxes, config.truth)


def test_the_model_knows_every_sentence() -> None:
    for sentence in SENTENCES:
        assert not gpt().vocabulary.is_unknown(gpt().encode(sentence)).any(), sentence


def test_a_changed_config_is_refused(folder: Path) -> None:
    assert read_config(folder) == config_of(5)
    text = (folder / "config.json").read_text()
    for old, new, said in (
        (f'"rate": {config_of(5).rate}', '"rate": 5.0', "rate = 5.0: student 5 has "),
        ('"student": 5', '"student": -1', "student -1: must be from 0 to "),
        ("{", "", "damaged"),
    ):
        (folder / "config.json").write_text(text.replace(old, new, 1))
        with pytest.raises(InputError, match=said):
            read_config(folder)
    (folder / "config.json").unlink()
    with pytest.raises(InputError, match="not there"):
        read_config(folder)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("while True: pass", "takes longer than 6 seconds"),
        ("import os; os._exit(3)", "its process ended, with exit code 3"),
        ("raise SystemExit", "calls sys.exit"),
        (f"print('x' * {PRINTED + 1})", "prints more than"),
        ("open('{elsewhere}', 'w')", "changes a file, {elsewhere}"),
        ("import pathlib; pathlib.Path('{folder}/config.json').unlink()", "changes a file"),
        ("import lookingglass.diffusion.truth", "imports lookingglass.diffusion.truth: of this"),
        ("from lab.core import params", "imports lab.core: of this repository, only course.given"),
        ("from course.reference import diffusion", "imports course.reference"),
        ("x = bytearray(8 * 2**30)", "more than 4 GB of memory"),
        ("return 1 / 0", "line 15: ZeroDivisionError: division by zero"),
        ("return x_t.nope", "line 15: AttributeError: 'Tensor' object has no attribute 'nope'"),
        ("return 0.0", "the score is of the type float: has to be a tensor"),
        ("return x_t[0]", "the score has the shape (2,): has to have (40, 2)"),
        ("return x_t * float('nan')", "the score has 80 numbers that are not finite"),
        ("raise NotImplementedError", "not done yet"),
        ("open('here.txt', 'w').write('fine'); return (x_0 - x_t) / sigma(t)[:, None] ** 2", ""),
    ],
)
def test_what_a_step_does_stays_its_own(
    folder: Path, tmp_path_factory: pytest.TempPathFactory, code: str, said: str
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "file"
    places = {"{folder}": str(folder), "{elsewhere}": str(elsewhere)}
    for name, place in places.items():
        code, said = code.replace(name, place), said.replace(name, place)
    source = "\n" * 12 + f"\ndef score(x_t, t, x_0):\n    {code}\n"
    (folder / "diffusion.py").write_text(source)
    step = SCORE if "while" not in code else type(SCORE)(SCORE.name, SCORE.check, 3, seconds=6)
    verdict = check_apart(folder, "diffusion.py", step)
    assert verdict.passed == (not said)
    assert said in verdict.what
    assert not elsewhere.exists()
    assert (folder / "config.json").is_file()


def test_from_the_stubs_to_a_grade(tmp_path: Path) -> None:
    folder = tmp_path / "student"
    assert run("course.start", folder, "--student", 11).returncode == 0
    again = run("course.start", folder, "--student", 11)
    assert (again.returncode, again.stdout) == (2, "")
    assert "is there already" in again.stderr

    (folder / "gpt.py").write_text(for_student(REFERENCE, "gpt.py", 11))
    with (folder / "diffusion.py").open("a") as file:
        file.write("\n\ndef sigma(t):\n    return torch.exp(5 * (t - 1))\n")
    steps = [step.name for step in FILES["gpt.py"] if step.name != "invert"]
    done = run("course.check", folder, "sigma", "jump", *steps, "--json")
    assert done.returncode == 1
    found = json.loads(done.stdout)
    verdicts = {step["step"]: step for step in found["steps"]}
    assert verdicts["sigma"]["cause"] == "as if the rate were 5, the exercise's, and not yours"
    assert {step["what"] for step in found["steps"] if step["file"] == "diffusion.py"} == {
        verdicts["sigma"]["what"], "not done yet",
    }  # fmt: skip
    assert {step["what"] for step in found["steps"] if step["file"] == "gpt.py"} == {""}
    right = [step for step in FILES["gpt.py"] if step.name in steps]
    assert found["points"] == sum(step.points for step in right)


def test_what_a_class_got_wrong(tmp_path: Path) -> None:
    wrong = "as if dt were positive"
    for student, cause in (("1", wrong), ("2", ""), ("3", wrong), ("4", "as if nothing were done")):
        (tmp_path / student).mkdir()
        step = {"step": "algorithm_1", "passed": not cause, "what": "points[0]: no", "cause": cause}
        text = json.dumps({"points": 10 * int(student), "steps": [step]})
        (tmp_path / student / RESULT).write_text(text)
    said = [" ".join(line.split()) for line in table(read_results(tmp_path))]
    at = said.index("algorithm_1 1 of 4 passed")
    assert said[at + 1 : at + 3] == [f"2 × {wrong}", "1 × as if nothing were done"]
    assert said[-1] == "points: 10 to 40, half of the class at least 30"

    (tmp_path / "4" / RESULT).write_text("[]")
    with pytest.raises(InputError, match=r"result.json: not what course.check --json writes"):
        read_results(tmp_path)
    with pytest.raises(InputError, match=r"has no folders with a result.json"):
        read_results(tmp_path / "1")


@pytest.mark.course
def test_the_solution_passes_and_another_number_s_does_not(tmp_path: Path) -> None:
    assert run("course.solution", tmp_path, "--student", 21).returncode == 0
    done = run("course.check", tmp_path, "--points")
    assert done.returncode == 0, done.stdout
    assert "23 of 23 steps passed" in done.stdout
    assert "100 points of 100, and 15 of bonus" in done.stdout
    write_config(config_of(22), tmp_path)
    other = run("course.check", tmp_path)
    assert other.returncode == 1
    assert "sigma(t)" in other.stdout
