"""Every command in the documentation works: the tests run it.

Commands that take minutes or need a network are run by `make test-long` (test_long_commands.py);
here, we only look up what they name. A documented command in neither list fails the tests, and so
does a listed command in no document.
"""

import importlib.util
import re
import shlex
import sys
import tempfile
import tomllib
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from lab.core.params import read, validate
from lab.core.yaml12 import parse
from tests.conftest import ROOT, Checkout, files_in_git
from tests.test_dependencies import stages
from tools.check import sections
from tools.deps import PIPELINE, SEEDS
from tools.sweep.grid import points

DOCUMENTS = ["README.md", "CONTRIBUTING.md", *sorted(map(str, (ROOT / "docs").rglob("*.md")))]
TEXTS = [(ROOT / name).read_text(encoding="utf-8") for name in DOCUMENTS]
BLOCK = re.compile(r"```sh\n(.*?)```", re.S)
TARGETS = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), re.M))
PROGRAMS = r"(?:make|python|dvc|git|pip|uv|pytest|pre-commit|\.ci/run)"


def commands(text: str) -> list[str]:
    """The lines of the sh blocks without comments; a backslash at the end joins two lines."""
    lines = "\n".join(BLOCK.findall(text)).replace("\\\n", " ").splitlines()
    found = (" ".join(re.sub(r"(^|\s)#.*", "", line).split()) for line in lines)
    return [command for command in found if command]


COMMANDS = {command for text in TEXTS for command in commands(text)}
INLINE = {
    command
    for text in TEXTS
    for command in re.findall(rf"`({PROGRAMS}(?: [^`]+)?)`", BLOCK.sub("", text))
}

# run in this order in a finished pipeline: the command, and what it must print
AS_MADE = [
    ("python -m tools.check", "all good"),
    ("dvc repro", "up to date"),
    ("python -m tools.page", "page.html"),
    ("python -m tools.summary", "report/report.pdf"),
    ("python example_diffusion.py", "loaded    models/diffusion.safetensors"),
    ("python example_diffusion.py --steps 5 --output five.png", "five.png"),
    ("python example_gpt.py", "loaded    models/gpt.safetensors"),
    ('python example_gpt.py --prompt "The Queen" --temperature 1', "\nThe Queen"),
]
# after the README's change of sample.steps
AFTER_A_CHANGE = [
    ("dvc params diff", "sample.steps"),
    ("dvc status dvc.yaml", "sample:"),
    ("dvc repro", "Running stage 'fig_seeds'"),
    ("dvc metrics diff", "std"),
    ("dvc plots diff", "index.html"),
    ("dvc exp run -S sample.steps=20 --name twenty", "Ran experiment(s): twenty"),
    ("dvc exp show --only-changed --drop '.*/[^:]*$'", "[twenty]"),
]  # fmt: skip


@cache
def help_of(*command: str) -> str:
    """What a command says with --help."""
    return Checkout(ROOT).run(*command, "--help").stdout


def trains(command: str) -> None:
    """The examples' own tests run it."""
    assert command in ("python example_diffusion.py --train", "python example_gpt.py --train")


def target(command: str) -> None:
    """It installs from a network; other tests cover what it does then."""
    assert set(command.split()[1:]) <= TARGETS


def environment(command: str) -> None:
    """It activates the environment, which the tests are already in, or makes one (elsewhere)."""
    if command.startswith("python3"):
        with tempfile.TemporaryDirectory() as place:
            Checkout(Path(place)).run(sys.executable, *shlex.split(command)[1:])
            assert list(Path(place).glob(".venv/*/activate"))


def installation(command: str) -> None:
    """It needs a network: check that the extra, the file and the options of pip exist."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    words = shlex.split(command)
    for word in words:
        if extra := re.fullmatch(r"\.\[(\w+)\]", word):
            assert extra[1] in project["optional-dependencies"]
        if word.endswith((".txt", ".toml")):
            assert (ROOT / word).is_file()
    options = [word for word in words[words.index("install") + 1 :] if word.startswith("-")]
    text = help_of(sys.executable, "-m", "pip", "install")
    assert all(option in text for option in options)


def pins(command: str) -> None:
    """It needs a network and uv, which is not a dependency."""
    assert {"pyproject.toml", "constraints.txt"} <= set(shlex.split(command)) & files_in_git()


def itself(command: str) -> None:
    """It would run these tests again."""
    assert command == "pytest"
    Checkout(ROOT).run("pytest", "--version")


def benchmark(command: str) -> None:
    """It takes minutes."""
    help_of(*shlex.split(command))


def store(command: str) -> None:
    """It needs a server: test_store.py starts one, and runs what this document says."""
    assert command in commands((ROOT / "docs" / "scale.md").read_text(encoding="utf-8"))


def kit(command: str) -> None:
    """The tests of the course run it."""
    [module] = re.findall(r"python -m (course\.\w+)", command)
    help_of(sys.executable, "-m", module)


def apart(command: str) -> None:
    """It deletes what is there."""
    assert any(name.startswith("course/reference/") for name in files_in_git())
    assert command.startswith("git rm -r course/reference ")


def experiment(command: str) -> None:
    """It takes minutes: check that its parameters and stages exist and its values are valid."""
    words = shlex.split(command)
    assert words[:3] == ["dvc", "exp", "run"]
    params = read(ROOT / "params.yaml")
    changes = [words[i + 1] for i, word in enumerate(words) if word == "-S"]
    for change in changes:
        key, value = change.split("=")
        section, name = key.split(".")
        assert name in params[section]
        values = params[section] | {name: parse(value, change)}
        validate(section, values, sections()[section])
    assert set(words[3:]) - {"-S", *changes} <= set(stages())


def sweep(command: str) -> None:
    """It takes minutes; test_sweep.py and tests/scale run small ones: check grid and options."""
    words = shlex.split(command)
    assert words[:3] == ["python", "-m", "tools.sweep"]
    (at,) = [i for i, word in enumerate(words) if word == "--target"]
    assert points(words[3:at], words[at + 1])
    known = help_of("python", "-m", "tools.sweep")
    options = [word.partition("=")[0] for word in words[at + 2 :] if word.startswith("--")]
    assert all(option in known for option in options)


def sweeps_table(command: str) -> None:
    """It needs a sweep; test_sweep.py runs it after one."""
    assert command == "python -m tools.sweep --table"


def two_hosts(command: str) -> None:
    """tests/scale/test_parallel.py runs it on two hosts: check the options, stages and modules."""
    words = shlex.split(command)
    if words[0] == "dvc":
        assert set(words[2:]) - {"--force"} <= set(stages())
        return
    assert words[-2] == "-m"
    assert importlib.util.find_spec(words[-1])
    known = help_of("torchrun")
    assert all(word.partition("=")[0] in known for word in words if word.startswith("--"))


# not run here; the docstring of each check says why
LOOKED_UP: dict[str, Callable[[str], None]] = {
    "make": target,
    "make test": target,
    "python3 -m venv .venv": environment,
    ". .venv/bin/activate": environment,
    'python -m pip install -c constraints.txt -e ".[test]"': installation,
    'python -m pip install -c constraints.txt -e ".[benchmark]"': installation,
    'python -m pip install -c constraints.txt -e ".[ray]"': installation,
    "python -m pip install uv": installation,
    "uv pip compile --universal --python-version 3.11 --fork-strategy fewest --all-extras "
    "--no-annotate --no-header --upgrade pyproject.toml -o constraints.txt": pins,
    "python example_diffusion.py --train": trains,
    "python example_gpt.py --train": trains,
    "pytest": itself,
    "python -m benchmarks.diffusion": benchmark,
    "python -m benchmarks.explorer": benchmark,
    "python -m benchmarks.gpt": benchmark,
    "python -m benchmarks.gpt2_small": benchmark,
    "python -m benchmarks.memory": benchmark,
    "python -m benchmarks.pipeline": benchmark,
    "python -m benchmarks.scale": benchmark,
    'python -m pip install -c constraints.txt -e ".[ssh]"': installation,
    'python -m pip install -c constraints.txt -e ".[s3]"': installation,
    "dvc remote add --local --default store /shared/looking-glass": store,
    "dvc remote add --local --default store ssh://host.example.org/shared/looking-glass": store,
    "dvc remote modify --local store user alice": store,
    "dvc remote modify --local store keyfile ~/.ssh/id_ed25519": store,
    "dvc remote add --local --default store s3://looking-glass/store": store,
    "dvc remote modify --local store endpointurl https://s3.example.org": store,
    "export AWS_ACCESS_KEY_ID=alice": store,
    "export AWS_SECRET_ACCESS_KEY=not-a-secret": store,
    "dvc push --run-cache": store,
    "dvc pull --run-cache dvc.yaml": store,
    "dvc repro --pull": store,
    "python -m benchmarks.sweep": benchmark,
    "python -m tools.sweep train_diffusion.width=32,64,128 train_diffusion.seed=0..4 "
    "--target evaluate_diffusion": sweep,
    'python -m tools.sweep train_gpt.seed=0..9 --target evaluate_gpt --on slurm --jobs 4 '
    '--sbatch="--partition=cpu --time=60 --cpus-per-task=2"': sweep,
    "python -m tools.sweep train_gpt.seed=0..9 --target evaluate_gpt --on ray": sweep,
    "python -m tools.sweep train_gpt.seed=0..9 --target evaluate_gpt --on ray "
    "--address HOST:6379": sweep,
    "python -m tools.sweep --table": sweeps_table,
    "dvc repro tokens": two_hosts,
    "torchrun --nnodes=2 --node-rank=0 --nproc-per-node=1 --master-addr=HOST --master-port=29400 "
    "-m stages.gpt.train_gpt": two_hosts,
    "dvc commit --force train_gpt": two_hosts,
    "python -m course.start DIR --student 17": kit,
    "python -m course.check DIR": kit,
    "python -m course.solution DIR --student 17": kit,
    'for folder in class/*/; do python -m course.check "$folder" --json > "$folder/result.json"; '
    "done": kit,
    "ls -d class/*/ | xargs -P 2 -I {} sh -c "
    "'python -m course.check {} --json > {}result.json'": kit,
    "sbatch --array=1-200 --cpus-per-task=2 --wrap 'python -m course.check "
    "class/$SLURM_ARRAY_TASK_ID --json > class/$SLURM_ARRAY_TASK_ID/result.json'": kit,
    "python -m course.table class": kit,
    'git rm -r course/reference && git commit -m "The solution is kept apart"': apart,
    "dvc exp run -S tokens.vocabulary=full invert": experiment,
    "dvc exp run -S invert_tokens.width=1 -S invert_tokens.steps=10 invert_tokens": experiment,
    "dvc exp run -S tokens.vocabulary=full -S invert_tokens.width=1 -S invert_tokens.steps=10 "
    "invert_tokens": experiment,
    "dvc exp run -S tokens.vocabulary=full -S train_gpt.steps=120 "
    "-S train_gpt.warmup=20 -S train_gpt.threads=1 invert evaluate_gpt": experiment,
}  # fmt: skip


def test_every_command_is_run_or_looked_up() -> None:
    run = {command for command, _ in AS_MADE + AFTER_A_CHANGE}
    assert not run & set(LOOKED_UP)
    assert run | set(LOOKED_UP) == COMMANDS


@pytest.mark.pipeline
def test_commands(made: Checkout) -> None:
    def work(command: str, expected: str) -> None:
        assert expected in made.run(*shlex.split(command)).stdout, command

    for command, expected in AS_MADE:
        work(command, expected)
    change = re.search(r"```yaml\nsample:\n  steps: (\d+)\n", TEXTS[0])
    assert change
    made.set("sample.steps", int(change[1]))
    for command, expected in AFTER_A_CHANGE:
        work(command, expected)


@pytest.mark.parametrize("command", LOOKED_UP)
def test_what_is_not_run_names_what_there_is(command: str) -> None:
    LOOKED_UP[command](command)


@pytest.mark.parametrize("command", sorted(INLINE))
def test_what_the_prose_mentions_is_there(command: str) -> None:
    """Targets, modules, stages and files; `dvc --help` knows the options of dvc."""
    program, *words = command.split()
    if program == "make":
        assert set(words) <= TARGETS
    elif program == "python":
        assert words[0] == "-m"
        assert importlib.util.find_spec(words[1])
    elif program == "dvc":
        known = help_of("dvc", words[0])
        options = {word for word in words[1:] if word.startswith("-")}
        assert all(option in known for option in options)
        subcommands = {"plots": {"show", "diff"}}.get(words[0], {PIPELINE, SEEDS})
        assert set(words[1:]) - options <= set(stages()) | subcommands
    elif program == "git":
        assert words[0] in ("checkout", "init")
        assert all(any(name.startswith(word) for name in files_in_git()) for word in words[1:])
    elif program == "pre-commit":
        assert (ROOT / ".pre-commit-config.yaml").is_file()
    else:
        assert program == ".ci/run"
        assert (ROOT / program).is_file()
