"""How much memory the second half needs for a large text: the peak of each of its stages.

Of 5.3 MB of text with the compact vocabulary, and of 1.1 MB with the full one, in a copy of this
repository, with a short training of the model of params.yaml. The text is the source of Python's
standard library, which every machine has: English in its comments, and more different words than a
novel. Prints a table and writes its section of docs/benchmarks.md. About 15 minutes.
"""

import lab.numerics  # noqa: F401  # isort: skip

import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

from benchmarks.document import machine, markdown, write_section
from lookingglass.yaml12 import dump, read_yaml
from stages.entry import run

TEXT = """\
## Memory

Run on {machine}.

Peak of the memory that each stage of the second half holds (resident, in MB), for large texts, the
source of Python's standard library. The model is that of `params.yaml`, trained for {steps} steps.

{table}
"""

STAGES = (
    "gpt.corpus", "gpt.tokens", "gpt.ngram", "gpt.train_gpt", "gpt.evaluate_gpt", "gpt.generate",
    "gpt.logprob", "gpt.invert", "gpt.invert_tokens", "gpt.attention",
)  # fmt: skip
TEXTS = {"5.3 MB, compact": (5_300_000, "compact"), "1.1 MB, full": (1_100_000, "full")}
STEPS = 20


def standard_library(size: int) -> bytes:
    """So many bytes of Python's own modules, in the order of their names."""
    folder, parts = Path(sysconfig.get_path("stdlib")), bytearray()
    for file in sorted(folder.rglob("*.py")):
        if "site-packages" not in file.parts:
            parts += file.read_bytes().decode("utf-8", errors="ignore").encode()
        if len(parts) >= size:
            break
    return bytes(parts[:size].decode("utf-8", errors="ignore"), "utf-8")


def peak(module: str, folder: Path) -> float:
    """The most memory that a stage held at any moment, in MB."""
    process = subprocess.Popen(
        [sys.executable, "-m", f"stages.{module}"], cwd=folder, stdout=subprocess.DEVNULL
    )
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{module}: exit code {process.returncode}")
    return used.ru_maxrss / (1 << 20 if sys.platform == "darwin" else 1 << 10)


def peaks(size: int, vocabulary: str, folder: Path) -> list[float]:
    """The peak of each stage, with a text of this size."""
    for name in ("lab", "lookingglass", "stages", ".downloads"):
        shutil.copytree(name, folder / name)
    (folder / "own.txt").write_bytes(standard_library(size))
    params = read_yaml("params.yaml")
    params["corpus"]["file"] = "own.txt"
    params["tokens"]["vocabulary"] = vocabulary
    params["train_gpt"] |= {"steps": STEPS, "evaluate_every": STEPS // 2, "warmup": 2}
    (folder / "params.yaml").write_text(dump(params), encoding="utf-8")
    return [peak(module, folder) for module in STAGES]


def main() -> None:
    """Measure, print, write."""
    columns = []
    for size, vocabulary in TEXTS.values():
        with tempfile.TemporaryDirectory() as folder:
            columns.append(peaks(size, vocabulary, Path(folder)))
    rows = [
        [f"`{module.removeprefix('gpt.')}`", *(f"{value:.0f}" for value in values)]
        for module, *values in zip(STAGES, *columns, strict=True)
    ]
    table = markdown(["stage", *TEXTS], rows)
    text = TEXT.format(machine=machine(2), steps=STEPS, table=table)
    print(f"\n{text}")
    write_section("memory", text)


if __name__ == "__main__":
    run(main)
