"""Tokens that share a character are shown together, all others by themselves."""

import pytest
import torch

from lookingglass.gpt.model import GPT
from lookingglass.gpt.pieces import first_texts, names, pieces, token_texts

TEXTS = [
    "The Queen of Hearts, she made\n\n some tarts.",
    "爱丽丝坐在河边。",
    "قالت أليس للأرنب؟",
    "อลิซเริ่มเบื่อมาก",
    "🐇 👩‍👩‍👧🇬🇷 e\u0301t\u00e9 🕰️",
    "",
]


@pytest.mark.parametrize("text", TEXTS)
def test_pieces_are_the_text_in_whole_characters(gpt: GPT, text: str) -> None:
    ids = gpt.encode(text)
    found = pieces(gpt.vocabulary, ids)
    assert "".join(piece.text for piece in found) == text
    assert [place for piece in found for place in piece.tokens] == list(range(len(ids)))
    for piece in found:
        assert gpt.decode(ids[piece.tokens.start : piece.tokens.stop]) == piece.text
    texts, called = first_texts(found), names(found)
    assert len(texts) == len(called) == len(ids)
    assert "".join(texts) == text
    for piece in found:
        part = slice(piece.tokens.start, piece.tokens.stop)
        assert texts[part] == [piece.text, *[""] * (len(piece.tokens) - 1)]
        assert set(called[part]) == {piece.text}


def test_tokens_of_whole_characters_stay_apart(gpt: GPT) -> None:
    ids = gpt.encode("Oh my ears and whiskers")
    assert [piece.text for piece in pieces(gpt.vocabulary, ids)] == token_texts(gpt.vocabulary, ids)
    assert len(pieces(gpt.vocabulary, gpt.encode("👩‍👩‍👧🇬🇷"))) == 2


def test_half_a_character_is_written_as_bytes(gpt: GPT) -> None:
    rabbit = gpt.encode("🐇")
    assert token_texts(gpt.vocabulary, rabbit)[0].startswith("\\xf0\\x9f")
    ids = torch.cat([rabbit[:1], gpt.encode(" hops")])
    assert [piece.text for piece in pieces(gpt.vocabulary, ids)] == ["\\xf0\\x9f", " hops"]
