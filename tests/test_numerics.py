"""The settings that must be made before torch and numpy load."""

import os
import subprocess
import sys

import pytest
import torch

from lab.core.numerics import AVX2, has_avx512
from tests.conftest import ROOT


def asked(code: str, **variables: str) -> str:
    """What a new Python prints, without the settings of this one."""
    own = {name: value for name, value in os.environ.items() if name not in AVX2}
    command = [sys.executable, "-W", "error", "-c", code]
    return subprocess.run(
        command, cwd=ROOT, env=own | variables, check=True, capture_output=True, text=True
    ).stdout.strip()


def test_it_loads_neither() -> None:
    assert (
        asked("import lab.core.numerics, sys; print({'torch', 'numpy'} & {*sys.modules})")
        == "set()"
    )


@pytest.mark.parametrize("first", ["stages", "tests.conftest"])
def test_no_kernel_for_avx512(first: str) -> None:
    code = f"import {first}, numpy, torch; print(torch.backends.cpu.get_cpu_capability(), "
    code += "numpy._core._multiarray_umath.__cpu_features__.get('X86_V4'))"
    kernels, in_numpy = asked(code).split()
    assert kernels != "AVX512"
    assert in_numpy != "True"


def test_in_this_process() -> None:
    """No pytest plugin has loaded torch before us."""
    assert torch.backends.cpu.get_cpu_capability() != "AVX512"


@pytest.mark.skipif(not has_avx512(), reason="needs a processor with AVX-512")
def test_what_the_user_has_set_stays() -> None:
    code = "import stages, torch; print(torch.backends.cpu.get_cpu_capability())"
    assert asked(code, ATEN_CPU_CAPABILITY="avx512") == "AVX512"
