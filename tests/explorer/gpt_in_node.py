"""The explorer's GPT in JavaScript, run by Node.js."""

import json
import shutil
import subprocess
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from lab.page.gpt import pack_gpt
from lookingglass.gpt.model import GPT
from lookingglass.gpt.vocabulary import SIZE
from tests.conftest import ROOT

needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="needs Node.js")

ORDER = 5
PROMPT = "Alice was beginning to get very tired of sitting by her sister on the bank"

JS = Callable[..., Any]
"""Runs a JavaScript expression of `gpt`, and of JSON values by name, and gives its value."""

SCRIPT = """
import { readFileSync } from "node:fs";
import { makeGPT } from "%(folder)s/gpt/index.js";
import { rankCorrelation } from "%(folder)s/ranks.js";
const types = { uint8: Uint8Array, uint16: Uint16Array, float32: Float32Array };
const data = JSON.parse(readFileSync("%(data)s"), (name, value) => value.file ? {
  shape: value.shape,
  data: new types[value.dtype](Uint8Array.from(readFileSync(value.file)).buffer),
} : value);
const gpt = makeGPT(data);
const { %(names)s } = JSON.parse(readFileSync(0));
const caught = (f) => { try { return f(); } catch (error) { return `${error}`; } };
console.log(JSON.stringify(%(expression)s));
"""


@pytest.fixture(scope="session")
def js(original: GPT, training: torch.Tensor, tmp_path_factory: pytest.TempPathFactory) -> JS:
    folder = tmp_path_factory.mktemp("packed")

    def save(array: np.ndarray) -> dict[str, Any]:
        array = array.astype(np.float32) if array.dtype == np.float16 else array
        file = folder / str(len(list(folder.iterdir())))
        file.write_bytes(array.tobytes())
        return {"dtype": array.dtype.name, "shape": array.shape, "file": str(file)}

    data = json.dumps(pack_gpt(original, training, ORDER), default=save)
    (folder / "data.json").write_text(data)

    def run(expression: str, **values: Any) -> Any:
        script = SCRIPT % {
            "folder": (ROOT / "explorer/lib").as_uri(),
            "data": folder / "data.json",
            "names": ", ".join(values),
            "expression": expression,
        }
        done = subprocess.run(
            ["node", "--input-type=module", "--eval", script],
            input=json.dumps(values),
            capture_output=True,
            encoding="utf-8",
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run


def random_ids(count: int, time: int) -> torch.Tensor:
    return torch.randint(SIZE, (count, time), generator=torch.Generator().manual_seed(0))
