"""A text of any length: pieces give the tokens of the whole, and memory does not grow with it."""

import sys
import tempfile
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.memory import peak
from lab.core.artifacts import map_arrays, read_arrays
from lab.data import corpus, tokens
from lab.data.tokens import LEAST, excerpt, tokenise
from lookingglass.errors import InputError
from lookingglass.gpt.vocabulary import Vocabulary, encode_pieces, token_counts
from tests.conftest import Checkout

# what GPT-2's pattern tells apart, and white space of each kind
LETTERS = st.text("ab'sdtl\n\r\t  \u00a0\u3000\u2028\x1c1２é漢.-!👩\ufeff", max_size=12)


@given(pieces=st.lists(LETTERS))
def test_pieces_give_the_tokens_of_the_whole(vocabulary: Vocabulary, pieces: list[str]) -> None:
    found = [id for ids in encode_pieces(vocabulary.encoding, pieces) for id in ids]
    assert found == vocabulary.encoding.encode_ordinary("".join(pieces))


@pytest.mark.parametrize("size", [1, 2, 3, 5, 1000])
def test_a_book_read_in_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    """Line ends, characters and the mark at the start are cut in two, and come out whole."""
    monkeypatch.setattr(corpus, "PIECE", size)
    own, book = tmp_path / "own.txt", tmp_path / "book.txt"
    own.write_bytes(b"\xef\xbb\xbf\r\nna\xc3\xafve\r\r\n\xe6\xbc\xa2\xf0\x9f\x91\xa9\r\n \r")
    corpus.write_book(str(own), book)
    assert book.read_bytes() == "naïve\n\n漢👩\n".encode()
    for data, message in (
        (b"\xef\xbb\xbfna\xc3\xafve\xc3.", "not UTF-8 text (byte 9)"),
        (b"na\xc3\xafve \xe6\xbc", "not UTF-8 text (byte 7)"),
        (b"na\xc3\xafve \0", "not text (byte 7 is 0)"),
    ):
        own.write_bytes(data)
        with pytest.raises(InputError) as error:
            corpus.write_book(str(own), book)
        assert str(error.value) == f"{own}: {message}"
    assert book.read_bytes() == "naïve\n\n漢👩\n".encode(), "what was there before is lost"


def test_of_a_long_text_training_has_nearly_all(
    table: bytes, vocabulary: Vocabulary, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokens, "HELD_OUT", 300)
    monkeypatch.setattr(tokens, "COUNTED", 50)
    text = [f"{number} bottles of beer. " for number in range(2000)]
    parts = tokenise(text, table, training=0.8, validation=0.1)
    whole = vocabulary.encode("".join(text))
    assert [len(parts[name]) for name in ("validation", "test")] == [300, 300]
    assert torch.equal(torch.cat([part.long() for part in parts.values()]), whole)
    assert torch.equal(token_counts(parts["train"]), torch.bincount(whole[:-600], minlength=50257))
    assert torch.equal(excerpt(parts["train"]), whole[-650:-600])


def test_no_room_for_the_ids(table: bytes, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    with pytest.raises(InputError, match="No such file or directory; TMPDIR may name a folder"):
        tokenise(["many words " * LEAST], table, training=0.8, validation=0.1)


def test_arrays_left_on_disk_are_the_same(made: Checkout) -> None:
    """What is written to them stays out of the file; a changed bit of it is noticed."""
    path = made.path / "data" / "tokens.npz"
    before = path.read_bytes()
    left, read = map_arrays(path), read_arrays(path)
    assert list(left) == list(read)
    for name, array in read.items():
        assert left[name].dtype == array.dtype
        assert (left[name] == array).all()
    assert left["train"].dtype == "uint16"
    left["train"][:] = 0
    assert path.read_bytes() == before
    path.write_bytes(before[:5000] + bytes([before[5000] ^ 1]) + before[5001:])
    with pytest.raises(InputError, match="damaged"):
        map_arrays(path)


@pytest.mark.long
@pytest.mark.skipif(sys.platform != "linux", reason="tells files in memory apart only on Linux")
def test_memory_does_not_grow(small: Checkout) -> None:
    """As much for 29 MB as for 4: neither text nor ids fit into the difference that is allowed."""
    book = (small.path / ".downloads" / "alice.txt").read_bytes()
    small.set("corpus.file", "own.txt")
    each = "import runpy, sys; [runpy.run_module(s, None, '__main__') for s in sys.argv[1:]]"
    most = []
    for times in (30, 200):
        (small.path / "own.txt").write_bytes(times * book)
        for stages in (["stages.gpt.corpus"], ["stages.gpt.tokens", "stages.gpt.train_gpt"]):
            most.append(peak([sys.executable, "-c", each, *stages], small.path))
    grown = [(large - little) / 1e6 for little, large in zip(most[:2], most[2:], strict=True)]
    assert max(grown) < 25, f"{grown} MB more"
