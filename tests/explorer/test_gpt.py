"""The explorer's GPT in JavaScript, run by Node.js, against the Python library."""

import json
import random
import shutil
import subprocess
import unicodedata
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

from lab.example import read_weights
from lab.page.gpt import pack_gpt
from lookingglass.gpt.ablation import commonest, replace_each
from lookingglass.gpt.attention import attention
from lookingglass.gpt.generation import draws, next_probs
from lookingglass.gpt.model import GPT
from lookingglass.gpt.ngram import KneserNey, class_base, fit
from lookingglass.gpt.vocabulary import END_OF_TEXT, SIZE
from lookingglass.gpt.weights import load_gpt
from stages.gpt.attention import rank_correlation
from tests.conftest import ROOT

pytestmark = pytest.mark.skipif(shutil.which("node") is None, reason="needs Node.js")

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


@pytest.fixture(scope="module")
def original() -> GPT:
    return read_weights("models/gpt.safetensors", load_gpt)


@pytest.fixture(scope="module")
def kneser_ney(gpt: GPT, training: torch.Tensor) -> KneserNey:
    return fit(training, ORDER, class_base(training, gpt.vocabulary.table))


@pytest.fixture(scope="module")
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


def texts_of_many_scripts(count: int) -> list[str]:
    """Random strings: each of one script's range, of spaces, or of anything that Unicode names."""
    draw = random.Random(0)
    # an unassigned character may be a letter in the Unicode of one of the two programs only
    assigned = [c for c in map(chr, range(0x110000)) if unicodedata.category(c) != "Cn"]
    near = [draw.randrange(len(assigned)) for _ in range(500)]
    pools = [assigned, *(assigned[place : place + 100] for place in near)]
    ascii_pool = [chr(code) for code in range(128)]
    spaces = [c for c in assigned if c.isspace()] + list("  \n\u180e\u200b\ufeff")
    parts = ["'s", "'ll", "'S", " the", " Alice", "<|endoftext|>", "12", "\u0301", "\U0001f600"]

    def text() -> str:
        pool = draw.choice([draw.choice(pools), ascii_pool, parts])
        mixed = (draw.choice(draw.choice([pool, pool, pool, spaces])) for _ in range(40))
        return "".join(list(mixed)[: draw.randrange(40)])

    return [text() for _ in range(count)]


def test_encode_and_decode_as_tiktoken_does(gpt: GPT, js: JS) -> None:
    texts = [*texts_of_many_scripts(10_000), "", "a" * 5000, "\ud800 half \udc00", "\ufeffBOM"]
    ids = [gpt.vocabulary.encoding.encode_ordinary(text) for text in texts]
    # cut anywhere, so that characters are, too
    cut = [part[i % 3 : i % 7 + 1] for i, part in enumerate(ids)]
    cut += [*random_ids(1000, 8).tolist(), [END_OF_TEXT]]
    found = js("[texts.map(gpt.encode), cut.map((ids) => gpt.decode(ids))]", texts=texts, cut=cut)
    assert found[0] == ids
    assert found[1] == [gpt.vocabulary.encoding.decode(part) for part in cut]


def test_log_probs_of_random_ids(gpt: GPT, original: GPT, js: JS) -> None:
    ids = random_ids(1000, 10)
    found = torch.tensor(js("ids.map((row) => gpt.logProbs(row))", ids=ids.tolist()))
    torch.testing.assert_close(found, gpt.score(ids), rtol=0, atol=1e-4)
    torch.testing.assert_close(found, original.score(ids), rtol=1e-3, atol=0)


def test_log_probs_of_the_book(gpt: GPT, original: GPT, training: torch.Tensor, js: JS) -> None:
    size = gpt.config.block_size
    ids = training[: 20 * (size + 1)].view(20, size + 1)
    found = torch.tensor(js("ids.map((row) => gpt.logProbs(row))", ids=ids.tolist()))
    torch.testing.assert_close(found, gpt.score(ids), rtol=0, atol=1e-4)
    # where p is near 1, log p is near 0: there the error is relative to a nat
    torch.testing.assert_close(found, original.score(ids), rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize(
    ("temperature", "top_k"),
    [(1.0, None), (0.0, None), (0.5, 40), (2.0, 1), (1e-3, None), (1.0, 60_000)],
)
def test_next(gpt: GPT, js: JS, temperature: float, top_k: int | None) -> None:
    ids = gpt.encode(PROMPT)
    options = {"temperature": temperature, "topK": top_k}
    found = torch.tensor(
        js("gpt.next(ids, options)", ids=ids.tolist(), options=options), dtype=torch.float64
    )
    expected = next_probs(gpt, gpt(ids[None])[0, -1], temperature, top_k)
    assert torch.equal(found > 0, expected > 0)
    torch.testing.assert_close(found, expected, rtol=1e-4 / max(temperature, 0.1), atol=1e-300)


def test_drawn_tokens_far_beyond_the_block(gpt: GPT, js: JS) -> None:
    """As `draws` does for the same uniform numbers, with undone steps between."""
    prompt, count = gpt.encode(PROMPT), 150
    generated = draws(gpt, prompt, top_k=50, generator=torch.Generator().manual_seed(0))
    expected = [next(generated)[0] for _ in range(count)]
    generator = torch.Generator().manual_seed(0)
    u = [float(torch.rand(1, dtype=torch.float64, generator=generator)) for _ in range(count)]
    step = """u.reduce((ids, u) => {
      gpt.next([...ids.slice(0, -2), 0]);
      return [...ids, gpt.draw(gpt.next(ids, { topK: 50 }), u)];
    }, ids)"""
    assert js(step, ids=prompt.tolist(), u=u)[len(prompt) :] == expected


@pytest.mark.parametrize("block", [0, -1])
def test_attention(gpt: GPT, js: JS, block: int) -> None:
    ids = gpt.encode(PROMPT)
    found = js("gpt.attention(ids, block)", ids=ids.tolist(), block=block)
    expected = attention(gpt, ids, block)
    # JSON has no infinity
    scores = torch.tensor(np.array(found["scores"], dtype=np.float32)).nan_to_num(-torch.inf)
    torch.testing.assert_close(scores, expected.scores, rtol=0, atol=1e-4)
    torch.testing.assert_close(torch.tensor(found["weights"]), expected.weights, rtol=0, atol=1e-5)


def without(gpt: GPT, silenced: list[list[int]]) -> GPT:
    """A copy with heads silenced: their columns in the projection are 0."""
    copy, width = deepcopy(gpt), gpt.config.n_embd // gpt.config.n_head
    for block, head in silenced:
        weight = copy.get_parameter(f"blocks.{block}.attn.proj.weight")
        weight[:, head * width : (head + 1) * width] = 0
    return copy


SILENCED = [[0, 1], [2, 0], [2, 3]]


def test_silenced_heads(gpt: GPT, js: JS) -> None:
    ids = gpt.encode(PROMPT)
    found = js(
        """[gpt.next(ids), gpt.logProbs(ids, { silenced }), gpt.attention(ids, -1, { silenced }),
        gpt.next(ids, { silenced }), gpt.next(ids)]""",
        ids=ids.tolist(),
        silenced=SILENCED,
    )
    cut = without(gpt, SILENCED)
    expected = cut.score(ids[None])[0]
    torch.testing.assert_close(torch.tensor(found[1]), expected, rtol=0, atol=1e-4)
    weights = attention(cut, ids, -1).weights
    torch.testing.assert_close(torch.tensor(found[2]["weights"]), weights, rtol=0, atol=1e-5)
    probs = next_probs(cut, cut(ids[None])[0, -1], 1.0, None)
    torch.testing.assert_close(
        torch.tensor(found[3], dtype=torch.float64), probs, rtol=1e-4, atol=0
    )
    assert found[4] == found[0]  # what was read without the heads is not used again


@pytest.mark.parametrize("silenced", [[], SILENCED])
def test_replace_each_token(
    gpt: GPT, training: torch.Tensor, js: JS, silenced: list[list[int]]
) -> None:
    ids = gpt.encode(PROMPT)
    found = js(
        "[...gpt.replaceEach(ids, { replacements: 12, silenced })].filter((one) => one)",
        ids=ids.tolist(),
        silenced=silenced,
    )
    assert [one["place"] for one in found] == list(range(len(ids) - 1))[::-1]
    p = replace_each(without(gpt, silenced), ids, len(ids) - 1, *commonest(training, 12))
    log_probs = torch.tensor([one["logProb"] for one in found][::-1], dtype=torch.float64)
    torch.testing.assert_close(log_probs, p.log(), rtol=0, atol=1e-4)


@pytest.mark.parametrize("silenced", [[], SILENCED])
def test_silence_each_head(gpt: GPT, js: JS, silenced: list[list[int]]) -> None:
    ids = gpt.encode(PROMPT)
    found = js("[...gpt.silenceEach(ids, { silenced })]", ids=ids.tolist(), silenced=silenced)
    assert len(found) == gpt.config.n_layer * gpt.config.n_head
    for one in found:
        head = [one["block"], one["head"]]
        others = [other for other in silenced if other != head]
        after = without(gpt, [*others, head]).score(ids[None])[0, -1]
        change = after - without(gpt, others).score(ids[None])[0, -1]
        assert one["change"] == pytest.approx(float(change), abs=1e-4), head


@pytest.mark.parametrize("ties", [False, True])
def test_rank_correlation(js: JS, ties: bool) -> None:
    draw = np.random.default_rng(0)
    a, b = draw.normal(size=(2, 40)) if not ties else draw.integers(5, size=(2, 40))
    found = js("rankCorrelation(a, b)", a=a.tolist(), b=b.tolist())
    expected = pd.Series(a).rank().corr(pd.Series(b).rank())
    assert found == pytest.approx(expected, abs=1e-12)
    if not ties:
        assert found == pytest.approx(rank_correlation(a, b), abs=1e-12)


def test_ngram(gpt: GPT, training: torch.Tensor, kneser_ney: KneserNey, js: JS) -> None:
    starts = torch.randint(len(training) - 8, (30,), generator=torch.Generator().manual_seed(0))
    contexts = [training[start : start + 6].tolist() for start in starts.tolist()]
    contexts += [*random_ids(5, 4).tolist(), [], training[-4:].tolist(), training[-1:].tolist()]
    found = js("contexts.map((ids) => gpt.ngram(ids))", contexts=contexts)
    for context, probs in zip(contexts, found, strict=True):
        expected = kneser_ney.distribution(torch.tensor(context, dtype=torch.int64))
        torch.testing.assert_close(
            torch.tensor(probs, dtype=torch.float64), expected, rtol=1e-12, atol=0
        )


@pytest.mark.parametrize("order", [1, 2, 4, 9])
@pytest.mark.parametrize("time", [1, 3, 300])
def test_ngrams_of_short_texts(
    gpt: GPT, training: torch.Tensor, js: JS, order: int, time: int
) -> None:
    ids = training[:time]
    found = js(
        "makeGPT({ ...data, training: { data: ids }, order }).ngram(ids)",
        ids=ids.tolist(),
        order=order,
    )
    expected = fit(ids, order, class_base(ids, gpt.vocabulary.table)).distribution(ids)
    torch.testing.assert_close(
        torch.tensor(found, dtype=torch.float64), expected, rtol=1e-12, atol=0
    )


def test_wrong_input_is_told(js: JS) -> None:
    found = js("""[
      () => gpt.logProbs([1]),
      () => gpt.logProbs(Array(66).fill(1)),
      () => gpt.next([]),
      () => gpt.next([1, -2]),
      () => gpt.next([50257]),
      () => gpt.next([1], { temperature: -1 }),
      () => gpt.next([1], { topK: 0 }),
      () => gpt.attention(Array(65).fill(1), 0),
      () => gpt.attention([1], 4),
    ].map(caught)""")
    assert found == [
        "RangeError: 1 tokens: must be at least 2",
        "RangeError: 65 tokens; there are positions for 64",
        "RangeError: 0 tokens: must be at least 1",
        "RangeError: -2: not one of GPT-2's token ids",
        "RangeError: 50257: not one of GPT-2's token ids",
        "RangeError: temperature = -1: must be at least 0",
        "RangeError: topK = 0: must be at least 1",
        "RangeError: 65 tokens; there are positions for 64",
        "RangeError: block 4: there are 4",
    ]
