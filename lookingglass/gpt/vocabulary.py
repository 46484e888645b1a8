"""Text to GPT-2 tokens and back, and which of them a model can distinguish.

A model of one book sees some 3,600 of GPT-2's 50,257 tokens. The compact vocabulary gives each of
those a row of its own in the embedding and the head. All others are unknown, and share a row with
their class ("a capitalised word", "a word in -ing", ...): the model predicts how likely *some*
unknown word in -ing is, and a fixed prior says which. The product is an exact distribution over
all 50,257 tokens at a twelfth of the cost.
"""

import base64
import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

import tiktoken
import torch
from jaxtyping import Bool, Float64, Int64, Integer
from torch import Tensor

from lookingglass.errors import InputError

SIZE = 50257
"""GPT-2's tokens: 50,256 pieces of text, and the end of text."""
END_OF_TEXT = SIZE - 1
SHA256 = "306cd27f03c1a714eca7108e03d66b7dc042abe8c258b44c199a7ed9838dd930"
"""Of the encoding's table."""

Ids = Int64[Tensor, "*shape"]
"""GPT-2's token ids, 0 to 50,256."""

# how GPT-2 cuts text before it merges bytes (Radford et al. 2019, their encoder.py)
_PATTERN = r"""'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"""

# the last place where a text can be cut, so that its parts have the same tokens as the whole:
# within a token, white space never follows anything else
_CUT = re.compile(r"(?s:.*)\S(?=\s)")


def encoding(table: bytes) -> tiktoken.Encoding:
    """GPT-2's byte pair encoding from a tiktoken table: a line for each piece, base64 and rank.

    Raises InputError for anything but GPT-2's own: two swapped pieces would give other ids, and
    nobody would notice.
    """
    if hashlib.sha256(table).hexdigest() != SHA256:
        raise InputError("not GPT-2's byte pair encoding, or damaged")
    lines = [line.split() for line in table.splitlines()]
    ranks = {base64.b64decode(piece): int(rank) for piece, rank in lines}
    return tiktoken.Encoding(
        "gpt2",
        pat_str=_PATTERN,
        mergeable_ranks=ranks,
        special_tokens={"<|endoftext|>": END_OF_TEXT},
    )


def encode_pieces(bpe: tiktoken.Encoding, pieces: Iterable[str]) -> Iterator[list[int]]:
    """The ids of a text that comes in pieces, wherever those end: the text need not fit in memory.

    What looks like a special token is text like any other.
    """
    rest = ""
    for piece in pieces:
        rest += piece
        if cut := _CUT.match(rest):
            yield bpe.encode_ordinary(cut[0])
            rest = rest[cut.end() :]
    yield bpe.encode_ordinary(rest)


def token_counts(ids: Integer[Tensor, " time"]) -> Int64[Tensor, " vocabulary"]:
    """How often each of GPT-2's tokens occurs in a text, which need not fit in memory."""
    counts = torch.zeros(SIZE, dtype=torch.int64, device=ids.device)
    for piece in ids.split(1 << 20):
        counts += torch.bincount(piece.long(), minlength=SIZE)
    return counts


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """GPT-2's encoding, and a model's rows for its tokens."""

    table: bytes
    """The encoding's tiktoken table."""
    tokens: Int64[Tensor, " own"]
    """The ids that have a row of their own: row i is tokens[i]."""
    log_prior: Float64[Tensor, " vocabulary"]
    """For each id, its log probability given its row: 0 if the row is its own."""

    @cached_property
    def encoding(self) -> tiktoken.Encoding:
        """GPT-2's encoding."""
        return encoding(self.table)

    @property
    def rows(self) -> int:
        """How many rows there are; the full vocabulary has none for unknown tokens."""
        return len(self.tokens) + (CLASSES if len(self.tokens) < SIZE else 0)

    @cached_property
    def class_row(self) -> Int64[Tensor, " vocabulary"]:
        """The row of each id's class, shared by the class's unknown tokens."""
        return len(self.tokens) + classes(self.encoding)

    @cached_property
    def row(self) -> Int64[Tensor, " vocabulary"]:
        """The row of each id: its own if it has one."""
        row = self.class_row.clone()
        row[self.tokens] = torch.arange(len(self.tokens))
        return row

    def is_unknown(self, ids: Ids) -> Bool[Tensor, "*shape"]:
        """Whether ids have no row of their own."""
        return self.row[ids] >= len(self.tokens)

    def encode(self, text: str) -> Int64[Tensor, " time"]:
        """The ids of any text; what looks like a special token is text like any other."""
        return torch.tensor(self.encoding.encode_ordinary(text), dtype=torch.int64)

    def decode(self, ids: Int64[Tensor, " time"]) -> str:
        """The text of ids; bytes that are no UTF-8 (a character cut in two) become U+FFFD."""
        return self.encoding.decode(ids.tolist())


def full(table: bytes) -> Vocabulary:
    """A row for every token, the plain GPT-2 way."""
    return Vocabulary(table, torch.arange(SIZE), torch.zeros(SIZE, dtype=torch.float64))


def compact(
    table: bytes, training: Integer[Tensor, " time"], reserved: Int64[Tensor, " more"]
) -> Vocabulary:
    """Rows for the tokens of the training text and for the reserved ones; the rest are unknown.

    Within a class, the prior of an unknown token falls as 1 / (rank + OFFSET), with its rank among
    GPT-2's merges, which follows how common it is in English.
    """
    unseen = token_counts(training) == 0
    unseen[reserved] = False
    own = (~unseen).nonzero().flatten()
    weight = 1 / (torch.arange(SIZE, dtype=torch.float64) + OFFSET)
    by_class = classes(encoding(table))
    total = torch.zeros(CLASSES, dtype=torch.float64)
    total.index_add_(0, by_class[unseen], weight[unseen])
    prior = torch.where(unseen, weight / total[by_class], 1)
    return Vocabulary(table, own, prior.log())


OFFSET = 1000  # flattens the prior over the first ranks, most of which the text has

# what a word's form says about an unknown one; the first that matches counts
_FORMS = [
    re.compile(pattern)
    for pattern in (
        r"[a-z]*ing", r"[a-z]*ed", r"[a-z]*ly", r"[a-z]*s", r"[a-z]+",
        r"[A-Z][a-z]+", r"[A-Z]+", r"[^a-zA-Z]+", r"(?s:.*)",
    )
]  # fmt: skip
CLASSES = 2 * len(_FORMS)


def classes(bpe: tiktoken.Encoding) -> Int64[Tensor, " vocabulary"]:
    """The class of each token, 0 to CLASSES - 1: case, ending, and whether a space precedes."""
    found = []
    for id in range(SIZE):
        piece = bpe.decode_single_token_bytes(id).decode("latin-1")
        word = piece.removeprefix(" ")
        form = next(i for i, form in enumerate(_FORMS) if form.fullmatch(word))
        found.append(2 * form + (word != piece))
    return torch.tensor(found)
