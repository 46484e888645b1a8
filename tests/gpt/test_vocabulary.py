import random

import pytest
import torch

from lookingglass.errors import InputError
from lookingglass.gpt.vocabulary import CLASSES, SIZE, Vocabulary, classes, compact, encoding, full

TEXTS = [
    "",
    " ",
    "\n\n  \t\r\n",
    "I am a little squirrel holding a walnut",
    "<|endoftext|> is text like any other",
    "naïve Ångström, déjà vu",
    "ΑΒΓ абв 漢字 かな עברית العربية",
    "👩‍👩‍👧‍👦🏳️‍🌈",
    "\0\x01\x7f\u200b\ufeff\U0010ffff",
]


def test_ids_are_gpt2s(vocabulary: Vocabulary) -> None:
    assert vocabulary.encode("Hello world").tolist() == [15496, 995]
    assert vocabulary.encode(" squirrel").tolist() == [33039]
    assert vocabulary.decode(torch.tensor([15496, 995])) == "Hello world"


@pytest.mark.parametrize("text", TEXTS)
def test_any_text_comes_back(vocabulary: Vocabulary, text: str) -> None:
    assert vocabulary.decode(vocabulary.encode(text)) == text


def test_random_unicode_comes_back(vocabulary: Vocabulary) -> None:
    chance = random.Random(0)
    points = [*range(0xD800), *range(0xE000, 0x110000)]  # all but the surrogates
    for _ in range(200):
        text = "".join(map(chr, chance.choices(points, k=50)))
        assert vocabulary.decode(vocabulary.encode(text)) == text


def test_a_character_cut_in_two_is_shown_as_such(vocabulary: Vocabulary) -> None:
    whole = vocabulary.encode("漢")
    assert len(whole) > 1
    assert "\ufffd" in vocabulary.decode(whole[:1])


def test_compact_is_a_distribution_over_all_tokens(
    vocabulary: Vocabulary, ids: torch.Tensor
) -> None:
    assert set(vocabulary.tokens.tolist()) == set(ids.tolist())
    assert vocabulary.rows == len(vocabulary.tokens) + CLASSES
    assert int(vocabulary.row.max()) == vocabulary.rows - 1
    prior = vocabulary.log_prior.exp()
    total = torch.zeros(vocabulary.rows, dtype=torch.float64).index_add(0, vocabulary.row, prior)
    torch.testing.assert_close(total, torch.ones_like(total), rtol=0, atol=1e-12)
    assert (vocabulary.log_prior[vocabulary.tokens] == 0).all()
    assert not vocabulary.is_unknown(ids).any()
    assert vocabulary.is_unknown(vocabulary.encode(" squirrel")).all()


def test_reserved_tokens_have_rows(table: bytes, ids: torch.Tensor) -> None:
    squirrel = torch.tensor([33039])
    vocabulary = compact(table, ids, squirrel)
    assert not vocabulary.is_unknown(squirrel).any()
    assert vocabulary.log_prior[33039] == 0


def test_the_commoner_of_two_unknown_tokens_is_likelier(vocabulary: Vocabulary) -> None:
    common, uncommon = vocabulary.encode(" running dreaming")
    assert vocabulary.row[common] == vocabulary.row[uncommon]
    assert vocabulary.is_unknown(common)
    assert vocabulary.log_prior[common] > vocabulary.log_prior[uncommon]


def test_full_has_a_row_for_each(table: bytes) -> None:
    vocabulary = full(table)
    assert vocabulary.rows == SIZE
    assert torch.equal(vocabulary.row, torch.arange(SIZE))
    assert not vocabulary.log_prior.any()


def test_classes_are_distinguished(table: bytes) -> None:
    bpe = encoding(table)
    by_class = classes(bpe)
    words = [" running", "running", " walked", " slowly", " cats", " cat", " Cat", " CAT", " 1862"]
    found = [int(by_class[bpe.encode_ordinary(word)[-1]]) for word in words]
    assert len(set(found)) == len(words)
    assert by_class.shape == (SIZE,)
    assert int(by_class.min()) >= 0
    assert int(by_class.max()) < CLASSES


def swapped(table: bytes) -> bytes:
    """GPT-2's table with two pieces swapped: valid in itself, but not GPT-2's."""
    lines = [line.split() for line in table.splitlines()]
    lines[1000][0], lines[1001][0] = lines[1001][0], lines[1000][0]
    return b"".join(b"%s %s\n" % (piece, rank) for piece, rank in lines)


@pytest.mark.parametrize("change", ["empty", "text", "half", "swapped"])
def test_a_damaged_table(table: bytes, change: str) -> None:
    data = {
        "empty": b"",
        "text": b"no table",
        "half": table[: len(table) // 2],
        "swapped": swapped(table),
    }[change]
    with pytest.raises(InputError, match="not GPT-2's byte pair encoding"):
        encoding(data)
