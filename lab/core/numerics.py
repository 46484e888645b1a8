"""Environment variables that decide a result's last digits: set before torch and numpy load.

On a processor with AVX-512, both libraries and their BLAS use kernels that add up in another order
than those for AVX2. Limited to AVX2, processors of one maker give the same bytes (measured in
docs/reproducibility.md). Variables that are already set are kept, except the drawing backend:
figures are written to files, and a notebook's backend would not even load here.
"""

import os
import sys
from pathlib import Path

AVX2 = {
    "ATEN_CPU_CAPABILITY": "avx2",  # torch's own kernels
    "MKL_ENABLE_INSTRUCTIONS": "AVX2",  # torch's matrix products; only Intel's processors heed it
    "NPY_DISABLE_CPU_FEATURES": "X86_V4 AVX512_ICL AVX512_SPR",  # numpy's exp, log, pow
    "OPENBLAS_CORETYPE": "Haswell",  # numpy's matrix products
}
# Waiting threads go to sleep soon. On a busy processor they would otherwise take time away from the
# thread they wait for, and a training step takes up to 15 times as long.
SPIN = {"GOMP_SPINCOUNT": "30000"}


def has_avx512() -> bool:
    """Whether the processor has AVX-512, and so AVX2; False if that cannot be found out."""
    if sys.platform == "win32":
        import ctypes

        avx512f = 41  # PF_AVX512F_INSTRUCTIONS_AVAILABLE
        return bool(ctypes.windll.kernel32.IsProcessorFeaturePresent(avx512f))
    try:
        return "avx512f" in Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return False


for name, value in (SPIN | AVX2 if has_avx512() else SPIN).items():
    os.environ.setdefault(name, value)
os.environ["MPLBACKEND"] = "agg"
