"""The explorer's GPT splits text into tokens as tiktoken does."""

import random
import unicodedata

from lookingglass.gpt.model import GPT
from lookingglass.gpt.vocabulary import END_OF_TEXT
from tests.explorer.gpt_in_node import JS, needs_node, random_ids

pytestmark = needs_node


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
