"""The same bytes on another processor of the same maker, the same numbers on another maker's.

QEMU runs the real commands on emulated processors without AVX-512. It shows programs this
machine's /proc/cpuinfo, so we overlay the root with a folder whose copy lacks AVX-512: then
lab/core/numerics.py sets nothing.
"""

import json
import math
import platform
import re
import shutil
import sys
from pathlib import Path

import pytest

from lab.core.numerics import AVX2
from tests.conftest import Checkout
from tools.ship import maker

QEMU = "qemu-x86_64"
HERE = platform.system() == "Linux" and platform.machine() == "x86_64" and shutil.which(QEMU)
pytestmark = [
    pytest.mark.long,
    pytest.mark.pipeline,
    pytest.mark.skipif(not HERE, reason="needs Linux, x86-64 and Debian's package qemu-user"),
]

PROCESSORS = {"EPYC": "AuthenticAMD", "Haswell": "GenuineIntel"}
# a figure, a sampler, a likelihood; and what each writes
STAGES = {
    "stages.figures.fig_forward": ("plots/forward.png", "plots/forward.svg"),
    "stages.diffusion.sample": ("data/sample.npz", "metrics/details/sample.json"),
    "stages.gpt.logprob": ("data/logprob.csv", "metrics/details/logprob.json"),
}
# qemu 7.2 sorts wrongly with numpy's AVX2 kernels; the choice of kernel changes no result
SORTS = "NPY_DISABLE_CPU_FEATURES=X86_V3"
ROUNDING = {"product_difference"}  # this metric is nothing but rounding


@pytest.mark.parametrize("processor", PROCESSORS)
def test_another_processor(clone: Checkout, tmp_path: Path, processor: str) -> None:
    clone.repro("fig_forward", "sample", "logprob")
    files = [name for names in STAGES.values() for name in names]
    here = {name: (clone.path / name).read_bytes() for name in files}

    root = tmp_path / "root"
    (root / "proc").mkdir(parents=True)
    known = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    (root / "proc" / "cpuinfo").write_text(re.sub(r" avx512\w*", "", known), encoding="utf-8")
    unset = [f"--unset={name}" for name in AVX2]
    emulated = (QEMU, "-L", str(root), "-cpu", processor, sys.executable)
    for module in STAGES:
        sorts = [SORTS] if module == "stages.gpt.logprob" else []
        clone.run("env", *unset, *sorts, *emulated, "-m", module)
    there = {name: (clone.path / name).read_bytes() for name in files}
    if PROCESSORS[processor] == maker():
        assert there == here
        return
    for name in files:
        if name.endswith(".json"):
            assert_same_numbers(json.loads(there[name]), json.loads(here[name]))
        elif name.startswith("plots"):
            assert there[name] == here[name], name


def assert_same_numbers(there: dict, here: dict) -> None:
    """To the six digits of metrics; the last may be rounded the other way."""
    assert there.keys() == here.keys()
    for key in there.keys() - ROUNDING:
        if isinstance(here[key], float):
            sixth = 10.0 ** (math.floor(math.log10(abs(here[key]))) - 5)
            assert there[key] == pytest.approx(here[key], rel=0, abs=1.01 * sixth), key
        else:
            assert there[key] == here[key], key
