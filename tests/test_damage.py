"""Damaged files: one line says which file and what to do; never wrong numbers."""

import importlib
import io
import json
import os
import pickle
import random
import resource
import shutil
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from lab.core.artifacts import read_arrays, read_metrics
from lab.data.tables import read_table
from lab.training.checkpoint import load_checkpoint, save_checkpoint
from lookingglass.diffusion.weights import load_denoiser
from lookingglass.errors import InputError
from lookingglass.gpt.weights import load_gpt
from tests.conftest import Checkout

pytestmark = pytest.mark.pipeline


def damages(data: bytes, seed: str, count: int) -> list[bytes]:
    """The file emptied; then, at random places, cut off, with a bit flipped, overwritten."""
    chance, found = random.Random(seed), [b""]
    while len(found) < count:
        place = chance.randrange(len(data))
        flipped = bytearray(data)
        flipped[place] ^= 1 << chance.randrange(8)
        noise = chance.randbytes(min(40, len(data) - place))
        found += [data[:place], bytes(flipped), data[:place] + noise + data[place + len(noise) :]]
    return [each for each in found if each != data]


def read_of(path: Path, read: Callable[[Path], Any]) -> Any:
    """What is read, or None if the file is refused with a proper message."""
    try:
        return read(path)
    except InputError as error:
        message = str(error)
    assert str(path) in message
    assert "\n" not in message
    return None


@pytest.mark.parametrize("name", ["diffusion", "plain", "conditional", "gpt"])
def test_weights_never_give_a_result(made_once: Path, tmp_path: Path, name: str) -> None:
    load = load_gpt if name == "gpt" else load_denoiser
    path = tmp_path / f"{name}.safetensors"
    whole = (made_once / "models" / path.name).read_bytes()
    path.write_bytes(whole)
    assert read_of(path, load) is not None
    for data in damages(whole, name, 25):
        path.write_bytes(data)
        assert read_of(path, load) is None


def test_arrays_never_give_other_numbers(made_once: Path, tmp_path: Path) -> None:
    tried = 0
    for file in sorted((made_once / "data").glob("*.npz")):
        path, whole = tmp_path / file.name, read_arrays(file)
        for data in damages(file.read_bytes(), file.name, 7):
            path.write_bytes(data)
            found = read_of(path, read_arrays)
            tried += 1
            if found is not None:  # that bit encodes no number
                assert found.keys() == whole.keys()
                assert all(np.array_equal(found[key], whole[key]) for key in whole)
    assert tried >= 60


def test_tables_and_metrics(made_once: Path, tmp_path: Path) -> None:
    """Reading cannot tell that a digit has become another one; DVC can, by the file's hash."""
    refused = 0
    for folder, pattern, read in (
        ("metrics/details", "*.json", read_metrics),
        ("plots", "*.csv", lambda path: read_table(str(path), [])),
    ):
        files = sorted((made_once / folder).glob(pattern))
        assert files
        for file in files:
            path = tmp_path / file.name
            for data in damages(file.read_bytes(), file.name, 7):
                path.write_bytes(data)
                refused += read_of(path, read) is None
    assert refused > 60


@pytest.mark.parametrize(
    ("stage", "table"),
    [
        ("fig_schedules", "plots/schedules.csv"),
        ("fig_logprob", "data/logprob.csv"),
        ("fig_steps", "plots/steps.csv"),
        ("fig_excess", "plots/evaluate_plain.csv"),
    ],
)
@pytest.mark.parametrize("data", [None, b"", b"\x00\xff\x00", b"a,b\n1,2\n", b"<html>\n</html>\n"])
def test_a_figure_of_a_damaged_table(
    made_once: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    stage: str, table: str, data: bytes | None,
) -> None:  # fmt: skip
    """The stage itself notices; its other inputs are intact."""
    for folder in ("data", "plots", "metrics"):
        (tmp_path / folder).symlink_to(made_once / folder)
    target = tmp_path / table
    target.parent.unlink()
    target.parent.mkdir()
    for file in (made_once / target.parent.name).iterdir():
        if file.name != target.name:
            (target.parent / file.name).symlink_to(file)
    if data is not None:
        target.write_bytes(data)
    (tmp_path / "params.yaml").symlink_to(made_once / "params.yaml")
    monkeypatch.chdir(tmp_path)
    main = __import__(f"stages.figures.{stage}", fromlist=["main"]).main
    with pytest.raises(InputError, match=f"^{table}: .*'dvc repro' makes it"):
        main()


def lay_out(made_once: Path, place: Path) -> None:
    """Lay out everything that the stages read, intact."""
    for folder in ("data", "models", "metrics", "plots", "lab", "report", ".downloads"):
        shutil.copytree(made_once / folder, place / folder, copy_function=os.link)
    shutil.copyfile(made_once / "params.yaml", place / "params.yaml")


def complaint(module: str, name: str, data: bytes | None) -> str:
    """The error of a stage's own main when this file holds these bytes, or is missing (None)."""
    Path(name).unlink(missing_ok=True)  # it is a hard link: spare the original
    if data is not None:
        Path(name).write_bytes(data)
    with pytest.raises(InputError) as error:
        importlib.import_module(f"stages.{module}").main()
    assert "\n" not in str(error.value)
    return str(error.value)


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("gpt.tokens", "data/alice.txt"),
        ("gpt.tokens", "data/gpt2.tiktoken"),
        ("gpt.ngram", "data/gpt2.tiktoken"),
        ("gpt.train_gpt", "data/gpt2.tiktoken"),
        ("gpt.evaluate_gpt", "data/tokens.npz"),
        ("gpt.evaluate_gpt", "models/gpt.safetensors"),
        ("gpt.corpus", "lab/data/alice.toml"),
        ("gpt.corpus", "lab/data/gpt2_bpe.toml"),
        ("diffusion.points", "lab/data/square.toml"),
        ("diffusion.classes", "data/points.npz"),
        ("diffusion.sample", "models/diffusion.safetensors"),
        ("diffusion.sample_conditional", "models/conditional.safetensors"),
        ("figures.fig_seeds", "data/sample.npz"),
        ("figures.fig_logprob", "data/logprob.csv"),
        ("figures.fig_steps", "metrics/details/steps.json"),
        ("model_pages", "models/gpt.safetensors"),
        ("report", "metrics/details/sample.json"),
        ("report", "plots/seeds.svg"),
        ("beyond", "metrics/details/language.json"),
    ],
)
def test_a_stage_names_the_damaged_file(
    made_once: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: str, name: str
) -> None:
    """Each kind of file, in each half: one line, with its name."""
    lay_out(made_once, tmp_path)
    monkeypatch.chdir(tmp_path)
    whole = Path(name).read_bytes()
    half, noise = whole[: len(whole) // 2], random.Random(name).randbytes(len(whole))
    for data in (None, b"", noise, half):
        if data is not half or name != "data/alice.txt":  # half a book is still a book
            assert name in complaint(module, name, data)


def test_a_changed_table_gives_no_result(
    made_once: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A table with two pieces swapped still loads, but the numbers would be wrong."""
    lay_out(made_once, tmp_path)
    monkeypatch.chdir(tmp_path)
    name = "data/gpt2.tiktoken"
    lines = [line.split() for line in Path(name).read_bytes().splitlines()]
    lines[1000][0], lines[1001][0] = lines[1001][0], lines[1000][0]
    data = b"".join(b" ".join(line) + b"\n" for line in lines)
    for module in ("gpt.tokens", "gpt.ngram", "gpt.train_gpt"):
        assert "data/gpt2.tiktoken: damaged" in complaint(module, name, data)


@pytest.mark.parametrize("data", [b"[1]", b"3", b'{"inside": 1', b"[" * 100_000])
def test_malformed_metrics(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.json").write_bytes(data)
    with pytest.raises(InputError, match="damaged; delete it"):
        read_metrics(tmp_path / "a.json")


def test_a_name_that_a_file_lacks(tmp_path: Path) -> None:
    """A bit flipped in a name."""
    (tmp_path / "a.json").write_text('{"insidf": 1}')
    with pytest.raises(InputError, match=r"a\.json: has no inside; delete it"):
        read_metrics(tmp_path / "a.json")["inside"]


def test_a_table_cut_off_within_a_number(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("x,y\n1,2\n3,4567\n")
    assert read_of(path, lambda path: read_table(str(path), ["x", "y"])) is not None
    path.write_text("x,y\n1,2\n3,45")
    assert read_of(path, lambda path: read_table(str(path), ["x", "y"])) is None


@pytest.mark.long
def test_dvc_makes_what_is_damaged_again(made: Checkout) -> None:
    """Anything in its cache, even with damage that no stage could notice: one digit, one pixel."""
    whole, chance = made.artifacts(), random.Random(0)
    names = ("data/alice.txt", "data/gpt2.tiktoken", "data/points.npz", "data/steer.csv",
                 "metrics/sample.json", "metrics/details/sample.json", "plots/seeds.svg",
                 "plots/seeds.png", "plots/steps.csv", "models/gpt.safetensors",
                 "models/diffusion.safetensors", "data/generated.txt")  # fmt: skip
    for place, name in enumerate(names):
        flipped = bytearray(whole[name])
        flipped[chance.randrange(len(flipped))] ^= 1
        path = made.path / name
        path.unlink()
        path.write_bytes([bytes(flipped), b"", whole[name][: len(flipped) // 2]][place % 3])
    made.repro()
    assert made.artifacts() == whole


def test_a_damaged_checkpoint_is_not_used(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint.safetensors"
    save_checkpoint(path, "key", {"step": 3}, {"a": torch.arange(5.0)})
    whole = path.read_bytes()
    assert load_checkpoint(path, "key") is not None
    for data in damages(whole, "checkpoint", 30):
        path.write_bytes(data)
        assert load_checkpoint(path, "key") is None


class Bomb:
    def __reduce__(self) -> tuple[Any, ...]:
        return print, ("the code of a pickle ran",)


def huge_npz() -> bytes:
    """An array that claims to have 10^12 numbers, and has ten."""
    header = io.BytesIO()
    shape = {"descr": "<f8", "fortran_order": False, "shape": (10**12,)}
    np.lib.format.write_array_header_1_0(header, shape)  # type: ignore[arg-type]
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("points.npy", header.getvalue() + bytes(80))
    return buffer.getvalue()


def huge_safetensors() -> bytes:
    tensor = {"dtype": "F32", "shape": [10**12], "data_offsets": [0, 4 * 10**12]}
    header = json.dumps({"weight": tensor}).encode()
    return struct.pack("<Q", len(header)) + header + bytes(40)


@pytest.mark.parametrize(
    ("name", "data", "read"),
    [
        ("a.safetensors", pickle.dumps(Bomb()), load_denoiser),
        ("a.safetensors", pickle.dumps(Bomb()), load_gpt),
        ("a.safetensors", struct.pack("<Q", 2**62) + b"{}", load_denoiser),
        ("a.safetensors", huge_safetensors(), load_denoiser),
        ("a.safetensors", huge_safetensors(), load_gpt),
        ("a.npz", pickle.dumps(Bomb()), read_arrays),
        ("a.npz", huge_npz(), read_arrays),
    ],
)
def test_hostile_files(
    tmp_path: Path, capfd: pytest.CaptureFixture[str],
    name: str, data: bytes, read: Callable[[Path], Any],
) -> None:  # fmt: skip
    path = tmp_path / name
    path.write_bytes(data)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert read_of(path, read) is None
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert after - before < 100_000, "kilobytes"
    assert capfd.readouterr().out == ""


def test_a_pickle_would_have_run(capfd: pytest.CaptureFixture[str]) -> None:
    pickle.loads(pickle.dumps(Bomb()))
    assert "ran" in capfd.readouterr().out
