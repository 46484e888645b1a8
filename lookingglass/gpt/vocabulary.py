"""Text to GPT-2 tokens and back, and which of them a model can tell apart.

A model of one book sees some 3,600 of GPT-2's 50,257 tokens. The compact vocabulary gives each of
those a row of its own in the embedding and the head. All others are rare, and share a row with
those of their kind ("a capitalised word", "a word in -ing", ...): the model predicts how likely
*some* rare word in -ing is, and a fixed prior says which. The product is an exact distribution
over all 50,257 tokens at a twelfth of the cost.
"""

import base64
import hashlib
import re
from dataclasses import dataclass
from functools import cached_property

import tiktoken
import torch
from jaxtyping import Bool, Float64, Int64
from torch import Tensor

from lookingglass.errors import InputError

SIZE = 50257
"""GPT-2's tokens: 50,256 pieces of text, and the end of text."""
END_OF_TEXT = SIZE - 1
SHA256 = "306cd27f03c1a714eca7108e03d66b7dc042abe8c258b44c199a7ed9838dd930"
"""Of its table."""

Ids = Int64[Tensor, "*shape"]
"""GPT-2's token ids, 0 to 50,256."""

# how GPT-2 cuts text before it merges bytes (Radford et al. 2019, their encoder.py)
_PATTERN = r"""'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"""


def encoding(table: bytes) -> tiktoken.Encoding:
    """GPT-2's byte pair encoding from a tiktoken table: a line for each piece, base64 and rank.

    Raises InputError for anything but GPT-2's own: two pieces that have changed places would give
    other ids, and nobody would see it.
    """
    if hashlib.sha256(table).hexdigest() != SHA256:
        raise InputError(
            "GPT-2's table of byte pairs is damaged, or another; delete data/gpt2.tiktoken, then "
            "'dvc repro' makes it again"
        )
    lines = [line.split() for line in table.splitlines()]
    ranks = {base64.b64decode(piece): int(rank) for piece, rank in lines}
    return tiktoken.Encoding(
        "gpt2",
        pat_str=_PATTERN,
        mergeable_ranks=ranks,
        special_tokens={"<|endoftext|>": END_OF_TEXT},
    )


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """GPT-2's encoding, and the rows that a model has for its tokens."""

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
        """How many rows there are; the full vocabulary has none for rare tokens."""
        return len(self.tokens) + (KINDS if len(self.tokens) < SIZE else 0)

    @cached_property
    def rare_row(self) -> Int64[Tensor, " vocabulary"]:
        """The row that each id shares with its kind if it is rare (not in the full vocabulary)."""
        return len(self.tokens) + kinds(self.encoding)

    @cached_property
    def row(self) -> Int64[Tensor, " vocabulary"]:
        """The row of each id: its own if it has one."""
        row = self.rare_row.clone()
        row[self.tokens] = torch.arange(len(self.tokens))
        return row

    @cached_property
    def place(self) -> Int64[Tensor, " vocabulary"]:
        """How many ids of the same row are more probable, given it: 0 if the row is its own."""
        order = torch.argsort(self.log_prior, descending=True, stable=True)
        order = order[torch.argsort(self.row[order], stable=True)]  # row by row
        first = torch.searchsorted(self.row[order], self.row[order])
        place = torch.empty_like(order)
        place[order] = torch.arange(len(order)) - first
        return place

    def is_rare(self, ids: Ids) -> Bool[Tensor, "*shape"]:
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
    table: bytes, training: Int64[Tensor, " time"], reserved: Int64[Tensor, " more"]
) -> Vocabulary:
    """Rows for the tokens of the training text and for the reserved ones; the rest is rare.

    Within a kind, the prior of a rare token falls as 1 / (rank + OFFSET), with its place among
    GPT-2's merges, which follows how common it is in English.
    """
    own = torch.cat([training, reserved]).unique()
    unseen = torch.ones(SIZE, dtype=torch.bool)
    unseen[own] = False
    weight = 1 / (torch.arange(SIZE, dtype=torch.float64) + OFFSET)
    kind = kinds(encoding(table))
    total = torch.zeros(KINDS, dtype=torch.float64).index_add(0, kind[unseen], weight[unseen])
    prior = torch.where(unseen, weight / total[kind], 1)
    return Vocabulary(table, own, prior.log())


OFFSET = 1000  # flattens the head of the ranks, most of which has been seen

# what a word can be seen to be without knowing it; the first that matches counts
_KINDS = [
    re.compile(pattern)
    for pattern in (
        r"[a-z]*ing", r"[a-z]*ed", r"[a-z]*ly", r"[a-z]*s", r"[a-z]+",
        r"[A-Z][a-z]+", r"[A-Z]+", r"[^a-zA-Z]+", r"(?s:.*)",
    )
]  # fmt: skip
KINDS = 2 * len(_KINDS)


def kinds(bpe: tiktoken.Encoding) -> Int64[Tensor, " vocabulary"]:
    """The kind of each token, 0 to KINDS - 1: its letters' case and ending, and a space before."""
    found = []
    for id in range(SIZE):
        piece = bpe.decode_single_token_bytes(id).decode("latin-1")
        word = piece.removeprefix(" ")
        kind = next(i for i, form in enumerate(_KINDS) if form.fullmatch(word))
        found.append(2 * kind + (word != piece))
    return torch.tensor(found)
