from itertools import pairwise

import pytest
import torch

from lookingglass.gpt.generation import take_words
from lookingglass.gpt.model import GPT
from lookingglass.gpt.words import SENTENCE_END, word_spans, words

TEXTS = [
    ("The Queen of Hearts", "The Queen of Hearts"),
    ("  two  blanks,   and three at the end   ", "two blanks and three at the end"),
    ("a\nline \n\n and\tanother", "a line and another"),
    ("Don't! It's 3.14 -- well-known…", "Don't It's 3.14 well known"),
    ("naïve café, déjà vu — “so”", "naïve café déjà vu so"),
    ("🐇 late 🕰️! the ฅ^•ﻌ•^ฅ and 👩‍👩‍👧🇬🇷", "🐇 late 🕰️ the ฅ ﻌ ฅ and 👩‍👩‍👧 🇬🇷"),
    ("爱丽丝坐在河边。她很累！", "爱 丽 丝 坐 在 河 边 她 很 累"),
    (" 裏覚醒", "裏 覚 醒"),  # one token
    ("アリスは、疲れた。", "アリス は 疲 れ た"),
    ("قالت أليس للأرنب؟ نعم.", "قالت أليس للأرنب نعم"),
    ("Алиса устала; да?", "Алиса устала да"),
    ("ลิซเริ่ม", "ลิ ซ เ ริ่ ม"),
    ("non\u00a0breaking, em\u2003space", "non breaking em space"),
    ("antidisestablishmentarianism!", "antidisestablishmentarianism"),
    (" ?! — ", ""),
    ("", ""),
]


@pytest.mark.parametrize(("text", "expected"), TEXTS)
def test_words_of_any_language_and_their_tokens(gpt: GPT, text: str, expected: str) -> None:
    """By definition, a token belongs to a word if it has one of the word's bytes."""
    ids = gpt.encode(text)
    found = words(gpt.vocabulary, ids)
    assert [word.text for word in found] == expected.split()
    assert [text[start:stop] for start, stop in word_spans(text)] == expected.split()
    data, owner = text.encode(), []
    for place, id in enumerate(ids.tolist()):
        owner += [place] * len(gpt.vocabulary.encoding.decode_single_token_bytes(id))
    for word in found:
        assert data[word.start : word.stop].decode() == word.text
        assert set(word.tokens) == set(owner[word.start : word.stop])


@pytest.mark.parametrize("text", [text for text, _ in TEXTS])
def test_words_are_taken_one_by_one(gpt: GPT, text: str) -> None:
    """Complete, up to the next word, even where a character takes several tokens."""
    ids = gpt.encode(text)
    found = words(gpt.vocabulary, ids)
    for count, (word, following) in enumerate(pairwise(found), start=1):
        taken = take_words(gpt, iter(ids.tolist()), count)
        assert taken == ids[: len(taken)].tolist()
        assert word.tokens.stop <= len(taken) <= max(following.tokens.start, word.tokens.stop)
        assert words(gpt.vocabulary, torch.tensor(taken))[:count] == found[:count]


@pytest.mark.parametrize("end", [".", "!", "?", "。", "！", "？", "؟", "۔", "।"])
def test_ends_of_sentences(end: str) -> None:
    assert SENTENCE_END.search(f"so{end}")
    assert not SENTENCE_END.search("so, so; so: “so” 、so، so…")


def test_a_word_of_several_tokens_and_its_leading_blank(gpt: GPT) -> None:
    found = words(gpt.vocabulary, gpt.encode("I squirreled   walnuts."))
    assert [(word.start, word.stop) for word in found] == [(0, 1), (2, 12), (15, 22)]
    # "I", " squ", "ir", "re", "led", a space, a space, " wal", "nuts", "."
    assert [word.tokens for word in found] == [range(1), range(1, 5), range(7, 9)]


def test_a_token_may_continue_the_last_word(gpt: GPT) -> None:
    """Encoding two texts one after the other differs from encoding them joined."""
    ids = torch.cat([gpt.encode("very"), gpt.encode("thing else")])
    found = words(gpt.vocabulary, ids)
    assert [(word.text, word.tokens) for word in found] == [
        ("verything", range(2)), ("else", range(2, 3)),
    ]  # fmt: skip
    ids = torch.cat([gpt.encode("very "), gpt.encode("thing")])
    assert [word.tokens for word in words(gpt.vocabulary, ids)] == [range(1), range(2, 3)]


def test_half_a_character(gpt: GPT) -> None:
    """Bytes that are not UTF-8 belong to no word, and words after them keep their places."""
    rabbit = gpt.encode("🐇")
    assert len(rabbit) > 1
    ids = torch.cat([rabbit[:1], gpt.encode(" hops")])
    (hops,) = words(gpt.vocabulary, ids)
    size = len(gpt.vocabulary.encoding.decode_single_token_bytes(int(rabbit[0])))
    assert (hops.text, hops.start, hops.tokens) == ("hops", size + 1, range(1, 2))
