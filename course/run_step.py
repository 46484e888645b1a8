"""Check one step of a student's in a process of its own, which runs `main`.

Limits of time, memory and printing, and a watch over imports and files, contain accidents. They do
not contain attackers: docs/teaching.md says what does.
"""

import builtins
import json
import os
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import torch

from course.config import Config, read_config
from course.steps import FILES, Step
from course.stub import REFERENCE, for_student
from course.wrong import StepError

MEMORY = 4 * 2**30
"""Bytes that a step may take."""
PRINTED = 10**6
"""Characters that a step may print."""
CLOSED = ("lookingglass", "lab", "stages", "tools")
"""Packages of this repository that a student's file may not import, and all of course but given."""
STUDENT = "student"


@dataclass(frozen=True)
class Verdict:
    """What came out for one step."""

    step: str
    passed: bool
    what: str = ""
    """What is wrong."""
    cause: str = ""
    """The likely cause, if there is one."""


def check_apart(folder: Path, file: str, step: Step) -> Verdict:
    """Check one step of a file in a student's folder, in a process of its own."""
    with tempfile.TemporaryDirectory() as scratch:
        result, work = Path(scratch) / "result.json", Path(scratch) / "work"
        work.mkdir()
        command = [sys.executable, "-m", "course.run_step", str(folder.resolve()), file, step.name]
        path = os.pathsep.join([str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH", "")])
        variables = {
            "PYTHONPATH": path.rstrip(os.pathsep),
            "TMPDIR": str(work),
            "TORCHINDUCTOR_CACHE_DIR": str(work),  # torch makes it, used or not
        }
        try:
            done = subprocess.run(
                [*command, str(result)],
                cwd=work,
                env=os.environ | variables,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=step.seconds,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return Verdict(step.name, False, f"takes longer than {step.seconds} seconds")
        if not (result.is_file() and result.stat().st_size):
            return Verdict(step.name, False, f"its process ended, with exit code {done.returncode}")
        return Verdict(**json.loads(result.read_text(encoding="utf-8")))


class Printed:
    """Takes what is printed, up to a limit."""

    def __init__(self) -> None:
        self.left = PRINTED

    def write(self, text: str) -> int:
        """Count it."""
        self.left -= len(text)
        if self.left < 0:
            raise StepError(f"prints more than {PRINTED:,} characters")
        return len(text)

    def flush(self) -> None:
        """Nothing is kept."""


def refuse_imports() -> None:
    """Let the student's file import nothing of this repository but course.given."""
    original = builtins.__import__

    def guarded(
        name: str, globals: Mapping[str, object] | None = None, *rest: Any, **options: Any
    ) -> ModuleType:
        root = name.split(".")[0]
        if (globals or {}).get("__name__") == STUDENT and (
            root in CLOSED or (root == "course" and name != "course.given")
        ):
            raise StepError(
                f"imports {name}: of this repository, only course.given may be imported"
            )
        return original(name, globals, *rest, **options)

    builtins.__import__ = guarded


def refuse_writing(allowed: Path) -> None:
    """Let files be written to the working directory only."""
    changes = {
        "os.remove",
        "os.rename",
        "os.mkdir",
        "os.rmdir",
        "os.truncate",
        "os.symlink",
        "os.link",
    }

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            path, mode, flags = arguments
            writes = set(mode or "") & set("wax+") or (flags or 0) & (os.O_WRONLY | os.O_RDWR)
        else:
            path, writes = (arguments or [None])[0], event in changes
        if not writes or not isinstance(path, str | bytes | Path):
            return
        where = Path(os.fsdecode(path)).resolve()
        if not where.is_relative_to(allowed) and where != Path(os.devnull):
            raise StepError(f"changes a file, {where}: may only write to its working directory")

    sys.addaudithook(hook)


def limit_memory() -> None:
    """Where the system can."""
    try:
        import resource
    except ImportError:  # Windows has no such limits
        return
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))


def execute(name: str, source: str, folder: Path, file: str) -> ModuleType:
    """A module from its source, as if it lay in the student's folder."""
    module = ModuleType(name)
    module.__file__ = str(folder / file)
    exec(compile(source, module.__file__, "exec"), module.__dict__)
    return module


def check_here(
    student: ModuleType,
    reference: ModuleType | None,
    step: Step,
    steps: tuple[Step, ...],
    config: Config,
) -> Verdict:
    """Check one step of a module, with its own other functions, and then with the reference's.

    The first pass counts: the student's own may differ from the reference's, in their dtype for
    example, and be right. The reference's are for those that are wrong, or not done yet.
    """
    if reference is None:
        return check_as_it_is(student, step, config)
    with suppress(Exception):
        if (verdict := check_as_it_is(student, step, config)).passed:
            return verdict
    for other in steps:
        if other.name != step.name:
            setattr(student, other.name, getattr(reference, other.name))
    return check_as_it_is(student, step, config)


def check_as_it_is(student: ModuleType, step: Step, config: Config) -> Verdict:
    """Check one step of a module. Raises what the student's code raises."""
    try:
        if not callable(getattr(student, step.name, None)):
            raise StepError("is not there")
        step.check(student, config)
    except StepError as wrong:
        return Verdict(step.name, False, wrong.what, wrong.cause)
    except NotImplementedError:
        return Verdict(step.name, False, "not done yet")
    return Verdict(step.name, True)


def blame(error: BaseException, file: str) -> str:
    """What a student's code raised, and in which line."""
    lines = [
        frame.lineno
        for frame in traceback.extract_tb(error.__traceback__)
        if Path(frame.filename).name == file
    ]
    where = f"line {lines[-1]}: " if lines else ""
    message = str(error).strip().splitlines()
    return f"{where}{type(error).__name__}{': ' + message[0] if message else ''}"


def main() -> None:
    """Write the verdict on a step to a file."""
    folder, file, name, result = Path(sys.argv[1]), sys.argv[2], sys.argv[3], Path(sys.argv[4])
    steps = FILES[file]
    [step] = [each for each in steps if each.name == name]
    out = os.open(result, os.O_WRONLY | os.O_CREAT)
    config, reference = read_config(folder), None
    if (REFERENCE / file).is_file():  # a lecturer may keep it apart
        reference = execute("reference", for_student(REFERENCE, file, config.student), folder, file)
    sys.dont_write_bytecode = True  # of what is imported from now on: it may not write elsewhere
    torch.set_num_threads(1)  # other steps are checked at the same time
    limit_memory()
    sys.stdout = sys.stderr = Printed()
    refuse_imports()
    refuse_writing(Path.cwd().resolve())
    try:
        source = (folder / file).read_text(encoding="utf-8")
        verdict = check_here(execute(STUDENT, source, folder, file), reference, step, steps, config)
    except StepError as wrong:
        verdict = Verdict(name, False, wrong.what, wrong.cause)
    except SystemExit:
        verdict = Verdict(name, False, "calls sys.exit")
    except MemoryError:
        verdict = Verdict(name, False, f"asks for more than {MEMORY // 2**30} GB of memory")
    except BaseException as error:
        verdict = Verdict(name, False, blame(error, file))
    os.write(out, json.dumps(asdict(verdict)).encode())


if __name__ == "__main__":
    main()
