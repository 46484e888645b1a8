"""The stages `corpus` and `tokens`: on the real archives, on your own text, and without either."""

import re
from pathlib import Path

import numpy as np
import pytest
import torch

from lab.core.artifacts import read_arrays
from lab.core.params import read
from lab.data.corpus import without_licences, write_book
from lookingglass.gpt.vocabulary import Vocabulary
from tests.conftest import Checkout

# pip looks nowhere, as if there were no network
OFFLINE = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": ""}


def stage(checkout: Checkout, name: str) -> str:
    return checkout.run("python", "-m", f"stages.gpt.{name}").stdout


def complaint(checkout: Checkout, name: str, **environment: str) -> str:
    done = checkout.run("python", "-m", f"stages.gpt.{name}", check=False, **environment)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    return done.stderr


def test_the_book(copy: Checkout) -> None:
    stage(copy, "corpus")
    book = (copy.path / "data" / "alice.txt").read_bytes()
    assert book.startswith(b"ALICE'S ADVENTURES IN WONDERLAND\n")
    assert book.endswith(b"THE END\n")
    assert b"\r" not in book
    assert b"Gutenberg" not in book
    assert 144_000 < len(book) < 145_000
    stage(copy, "tokens")
    tokens = read_arrays(copy.path / "data" / "tokens.npz")
    parts = [tokens[name] for name in ("train", "validation", "test")]
    total = sum(map(len, parts))
    assert 39_600 < total < 39_900
    assert [round(len(part) / total, 3) for part in parts] == [0.85, 0.05, 0.1]


def test_text_comes_back_from_its_parts(copy: Checkout, table: bytes) -> None:
    stage(copy, "corpus")
    stage(copy, "tokens")
    tokens = read_arrays(copy.path / "data" / "tokens.npz")
    vocabulary = Vocabulary(
        table, torch.from_numpy(tokens["rows"]), torch.from_numpy(tokens["log_prior"])
    )
    ids = np.concatenate([tokens["train"], tokens["validation"], tokens["test"]])
    text = (copy.path / "data" / "alice.txt").read_text(encoding="utf-8")
    assert vocabulary.decode(torch.from_numpy(ids)) == text
    assert set(tokens["train"]) <= set(tokens["rows"])
    reserved = read(copy.path / "params.yaml")["tokens"]["reserved"]
    for each in reserved:
        assert not vocabulary.is_unknown(vocabulary.encode(each)).any()
    # nothing else of the other parts is in the vocabulary
    others = set(tokens["rows"]) - set(tokens["train"])
    assert others <= {id for each in reserved for id in vocabulary.encode(each).tolist()}


def test_your_own_text(copy: Checkout) -> None:
    text = "".join(f"Ünïcode line {i}, and what it says.\r\n" for i in range(300))
    (copy.path / "own.txt").write_bytes(b"\xef\xbb\xbf" + text.encode())
    copy.set("corpus.file", "own.txt")
    stage(copy, "corpus")
    assert (copy.path / "data" / "alice.txt").read_text(encoding="utf-8") == text.replace("\r", "")
    stage(copy, "tokens")


HEADER = "The Project Gutenberg eBook of X\n\nTitle: X\n\n*** START OF THE PROJECT X ***\n"
LICENCE = "*** END OF THE PROJECT X ***\nIts terms,\nand to hear about\nnew eBooks.\n"


@pytest.mark.parametrize(
    ("text", "book", "count"),
    [
        (
            "a\n*** START OF THE PROJECT X ***\n\nbook\n\n*** END OF THE PROJECT X ***\nz",
            "book\n",
            1,
        ),
        (
            "a\n***START OF THIS X***\nbook\n\nEnd of Project Gutenberg's X\n\n*** END OF THIS X",
            "book\n",
            1,
        ),
        ("*** START OF THIS\nwithout its end", "*** START OF THIS\nwithout its end\n", 0),
        ("*** END OF THIS\nand\n*** START OF THIS", "*** END OF THIS\nand\n*** START OF THIS\n", 0),
        ("\n\n no markers \n\n", "no markers\n", 0),
        (2 * f"{HEADER}\nbook\n\n{LICENCE}\n", "book\n\nbook\n", 2),
        (
            f"before\n{HEADER}one\n{LICENCE}between\n{HEADER}two\n{LICENCE}after",
            "before\n\none\n\nbetween\n\ntwo\n\nafter\n",
            2,
        ),
        (f"{HEADER}one\n*** START OF THIS\ntwo\n{LICENCE}", "one\n*** START OF THIS\ntwo\n", 1),
    ],
)
def test_headers_and_licences_are_cut_and_nothing_else(
    tmp_path: Path, text: str, book: str, count: int
) -> None:
    own = tmp_path / "own.txt"
    own.write_text(text)
    write_book(str(own), tmp_path / "book.txt")
    assert (tmp_path / "book.txt").read_text() == book
    assert without_licences(text.encode())[1] == count


def test_what_was_cut_is_said(copy: Checkout) -> None:
    text = 2 * f"{HEADER}book\n{LICENCE}"
    (copy.path / "own.txt").write_text(text)
    copy.set("corpus.file", "own.txt")
    cut = len(text.strip()) - len("book\n\nbook")
    assert stage(copy, "corpus") == (
        f"own.txt: 11 bytes of text; cut {cut} bytes: Project Gutenberg's headers and licences of "
        "2 books\n"
    )


def test_without_a_network(copy: Checkout) -> None:
    for file in (copy.path / ".downloads").iterdir():
        file.unlink()
    message = complaint(copy, "corpus", **OFFLINE)
    assert "pip cannot download wordcloud==1.9.6" in message
    assert "set corpus.file in params.yaml to a text of your own" in message
    assert not (copy.path / "data").exists()


def test_your_own_text_without_a_network(copy: Checkout) -> None:
    """GPT-2's table is needed all the same; a copy of it is enough."""
    (copy.path / ".downloads" / "alice.txt").unlink()
    (copy.path / "own.txt").write_text("What a person wrote.")
    copy.set("corpus.file", "own.txt")
    copy.run("python", "-m", "stages.gpt.corpus", **OFFLINE)
    (copy.path / ".downloads" / "gpt2.tiktoken").unlink()
    message = complaint(copy, "corpus", **OFFLINE)
    assert "copy data/gpt2.tiktoken from a machine where this has run" in message
    assert ".downloads/gpt2.tiktoken" in message


@pytest.mark.parametrize("text", ["a = ", "[project]\nname = 'x'", "\udcff", None])
def test_a_malformed_description(copy: Checkout, text: str | None) -> None:
    if text is not None:
        (copy.path / "own.toml").write_text(text, encoding="utf-8", errors="surrogateescape")
    copy.set("corpus.file", "own.toml")
    assert complaint(copy, "corpus").startswith("own.toml: ")


def test_another_archive_is_refused(copy: Checkout) -> None:
    (copy.path / ".downloads" / "gpt2.tiktoken").write_bytes(b"damaged")
    path = copy.path / "lab" / "data" / "gpt2_bpe.toml"
    text = path.read_text()
    path.write_text(text.replace("6b82b659", "00000000"))
    assert "it is not what this project was made with" in complaint(copy, "corpus")
    path.write_text(text)
    stage(copy, "corpus")  # what was damaged is downloaded again


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"caf\xe9", "own.txt: not UTF-8 text (byte 3)"),
        ("café".encode("utf-16"), "own.txt: not UTF-8 text (byte 0)"),
        (b"a\0b", "own.txt: not text (byte 1 is 0)"),
        (b"", "own.txt: no text in it"),
        (f"{HEADER}\n{LICENCE}".encode(), "own.txt: no text in it"),
        (b"\xef\xbb\xbf \n\n", "own.txt: no text in it"),
        (None, "corpus.file = 'own.txt': No such file or directory; must be a .toml"),
    ],
)
def test_a_text_that_cannot_be_read(copy: Checkout, data: bytes | None, message: str) -> None:
    if data is not None:
        (copy.path / "own.txt").write_bytes(data)
    copy.set("corpus.file", "own.txt")
    assert message in complaint(copy, "corpus")


def test_a_text_too_short(copy: Checkout) -> None:
    (copy.path / "own.txt").write_text("too short")
    copy.set("corpus.file", "own.txt")
    stage(copy, "corpus")
    assert "corpus.file: a text of 3 tokens; must be at least 2000" in complaint(copy, "tokens")


@pytest.mark.parametrize(
    "change",
    [
        'requirement = "--help"',
        'requirement = "a\\u0000==1"',
        'sha256 = "306cd27f"',
        'archive_sha256 = ""',
        'member = ""',
        'member = ".."',
        'member = "a\\u0000"',
        f'member = "{300 * "a"}"',
        'binary = "true"',
        "binary = " + 9999 * "[",
    ],
)
def test_impossible_values_in_a_description(copy: Checkout, change: str) -> None:
    path = copy.path / "lab" / "data" / "gpt2_bpe.toml"
    key = change.partition(" ")[0]
    text, count = re.subn(f"^{key} = .*", lambda _: change, path.read_text(), flags=re.M)
    assert count == 1
    path.write_text(text)
    assert complaint(copy, "corpus").startswith("lab/data/gpt2_bpe.toml: must be TOML with ")
