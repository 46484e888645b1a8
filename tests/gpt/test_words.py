import pytest
import torch

from lookingglass.gpt.model import GPT
from lookingglass.gpt.words import words

TEXTS = [
    "The Queen of Hearts",
    "  two  blanks,   and three at the end   ",
    "a\nline \n\n and\tanother",
    "naïve café, déjà vu — “so”",
    "🐇 late 🕰️! the ฅ^•ﻌ•^ฅ and 👩‍👩‍👧",
    "non\u00a0breaking, em\u2003space",
    "antidisestablishmentarianism!",
    "   ",
    "",
]


@pytest.mark.parametrize("text", TEXTS)
def test_words_are_those_of_split_and_tokens_hold_them(gpt: GPT, text: str) -> None:
    """By the definition: a token is a word's if it has one of the word's bytes."""
    ids = gpt.encode(text)
    found = words(gpt.vocabulary, ids)
    assert [word.text for word in found] == text.split()
    data, owner = text.encode(), []
    for place, id in enumerate(ids.tolist()):
        owner += [place] * len(gpt.vocabulary.encoding.decode_single_token_bytes(id))
    for word in found:
        assert data[word.start : word.stop].decode() == word.text
        assert set(word.tokens) == set(owner[word.start : word.stop])


def test_a_word_of_several_tokens_and_its_leading_blank(gpt: GPT) -> None:
    found = words(gpt.vocabulary, gpt.encode("I squirreled   walnuts."))
    assert [(word.start, word.stop) for word in found] == [(0, 1), (2, 12), (15, 23)]
    # "I", " squ", "ir", "re", "led", a blank, a blank, " wal", "nuts", "."
    assert [word.tokens for word in found] == [range(1), range(1, 5), range(7, 10)]


def test_a_token_may_go_on_with_the_last_word(gpt: GPT) -> None:
    """Two texts encoded one after the other are not what their sum is encoded as."""
    ids = torch.cat([gpt.encode("very"), gpt.encode("thing else")])
    found = words(gpt.vocabulary, ids)
    assert [(word.text, word.tokens) for word in found] == [
        ("verything", range(2)), ("else", range(2, 3)),
    ]  # fmt: skip
    ids = torch.cat([gpt.encode("very "), gpt.encode("thing")])
    assert [word.tokens for word in words(gpt.vocabulary, ids)] == [range(1), range(2, 3)]


def test_half_a_character(gpt: GPT) -> None:
    """Bytes that are no UTF-8 count one by one, and words after them are where they are."""
    rabbit = gpt.encode("🐇")
    assert len(rabbit) > 1
    ids = torch.cat([rabbit[:1], gpt.encode(" hops")])
    half, hops = words(gpt.vocabulary, ids)
    assert set(half.text) == {"\ufffd"}
    assert (half.start, half.tokens, hops.text) == (0, range(1), "hops")
    assert (hops.start, hops.tokens) == (half.stop + 1, range(1, 2))
