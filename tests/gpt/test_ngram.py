import random
from fractions import Fraction
from pathlib import Path

import pytest
import torch
from torch import Tensor

from lab.core.artifacts import write_arrays
from lookingglass.errors import InputError
from lookingglass.gpt.ngram import FALLBACK, class_base, discounts, fit
from lookingglass.gpt.vocabulary import CLASSES, SIZE, classes, encoding
from stages.gpt.evaluate_gpt import read_ngram

SMALL = 8  # tokens in the vocabulary of these texts, which never use the last one
UNIFORM = torch.full((SMALL,), 1 / SMALL, dtype=torch.float64)
UNEVEN = torch.arange(1, SMALL + 1, dtype=torch.float64) / 36


def text_of(length: int) -> list[int]:
    """Random tokens with long repetitions, so that long n-grams recur, too."""
    chance = random.Random(length)
    text: list[int] = []
    while len(text) < length:
        start = chance.randrange(len(text) + 1)
        text += text[start : start + 6]
        text.append(min(int(chance.expovariate(0.5)), SMALL - 2))
    return text[:length]


class Textbook:
    """Chen and Goodman's equations, taken literally, in fractions."""

    def __init__(self, text: list[int], order: int) -> None:
        self.text, self.order = text, order

    def places(self, gram: list[int]) -> list[int]:
        n = len(gram)
        return [i for i in range(len(self.text) - n + 1) if self.text[i : i + n] == gram]

    def count(self, gram: list[int]) -> int:
        places = self.places(gram)
        if len(gram) == self.order:
            return len(places)
        return len({"start" if i == 0 else self.text[i - 1] for i in places})

    def discounts(self, n: int) -> list[Fraction]:
        grams = {tuple(self.text[i : i + n]) for i in range(len(self.text) - n + 1)}
        of = [sum(self.count(list(gram)) == j for gram in grams) for j in range(5)]
        if 0 in of[1:4]:
            return [Fraction(0), *map(Fraction, FALLBACK)]
        Y = Fraction(of[1], of[1] + 2 * of[2])
        D = [1 - 2 * Y * of[2] / of[1], 2 - 3 * Y * of[3] / of[2], 3 - 4 * Y * of[4] / of[3]]
        return [Fraction(0), *(D if min(D) > 0 else map(Fraction, FALLBACK))]

    def probability(self, context: list[int], token: int, base: list[Fraction]) -> Fraction:
        history = context[len(context) - min(len(context), self.order - 1) :]
        counts = {w: self.count([*history, w]) for w in range(SMALL)}
        total = sum(counts.values())
        shorter = self.probability(history[1:], token, base) if history else base[token]
        if total == 0:
            return shorter
        D = self.discounts(len(history) + 1)
        N = [sum(min(c, 3) == j for c in counts.values()) for j in range(4)]
        gamma = (D[1] * N[1] + D[2] * N[2] + D[3] * N[3]) / total
        kept = max(counts[token] - D[min(counts[token], 3)], Fraction(0))
        return kept / total + gamma * shorter


@pytest.mark.parametrize("order", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("length", [1, 3, 30, 70])
def test_as_in_the_textbook(order: int, length: int) -> None:
    text = text_of(length)
    model, textbook = fit(torch.tensor(text), order, UNEVEN), Textbook(text, order)
    base = [Fraction(i, 36) for i in range(1, SMALL + 1)]
    chance = random.Random(order)
    contexts = [[], [SMALL - 1], [text[-1]], [SMALL - 1, text[0]]]
    for _ in range(6):  # seen contexts, and ones seen except for their beginning
        end = chance.randrange(1, length + 1)
        contexts += [text[max(0, end - order) : end], [3, 3, *text[max(0, end - 2) : end]]]
    for context in contexts:
        found = model.distribution(torch.tensor(context, dtype=torch.int64)).tolist()
        expected = [float(textbook.probability(context, w, base)) for w in range(SMALL)]
        assert found == pytest.approx(expected, abs=1e-12), context


def test_the_textbook_has_both_kinds_of_discounts() -> None:
    textbook = Textbook(text_of(70), 5)
    fell_back = [textbook.discounts(n) == [0, *FALLBACK] for n in (1, 2, 3, 4, 5)]
    assert fell_back == [False, False, False, False, True]


def test_by_hand() -> None:
    # 0 and 1 come after two different tokens (one of 0's is the start), 2 after one: 5 in all.
    # Discounts 1, 1, 0.5: p_1 is (1, 1, 0.5, 0) / 5 + 0.5 / 4. After 0, half of each backs off.
    ids, base = torch.tensor([0, 1, 0, 2, 1]), torch.full((4,), 0.25, dtype=torch.float64)
    model = fit(ids, 2, base)
    lowest = [0.325, 0.325, 0.225, 0.125]
    for context, expected in (
        ((), lowest),
        ((3,), lowest),
        ((0,), [0.1625, 0.4125, 0.3625, 0.0625]),
        ((1, 2), [0.1625, 0.6625, 0.1125, 0.0625]),
    ):
        found = model.distribution(torch.tensor(context, dtype=torch.int64))
        assert found.tolist() == pytest.approx(expected), context


@pytest.mark.parametrize(
    ("n", "expected"),
    [
        ((4, 3, 2, 1), (0.4, 1.2, 2.2)),
        ((4, 3, 2, 0), (0.4, 1.2, 3.0)),
        ((0, 3, 2, 1), FALLBACK),
        ((4, 0, 2, 1), FALLBACK),
        ((4, 3, 0, 1), FALLBACK),
        ((0, 0, 0, 0), FALLBACK),
        ((9, 1, 9, 1), FALLBACK),  # the second would be below 0
        ((4, 3, 2, 9), FALLBACK),  # the third
    ],
)
def test_discounts(n: tuple[int, ...], expected: tuple[float, ...]) -> None:
    counts = [j for j, many in enumerate(n, start=1) for _ in range(many)]
    assert discounts(torch.tensor([7, *counts])) == pytest.approx(expected)


def test_a_distribution_over_all_tokens(table: bytes, ids: Tensor) -> None:
    model = fit(ids, 5, class_base(ids, table))
    seen, unseen = ids[10:14], torch.tensor([SIZE - 1])
    for context in (ids[:0], seen, torch.cat([unseen, seen[:2]]), unseen):
        p = model.distribution(context)
        assert float(p.min()) > 0
        assert float(p.sum()) == pytest.approx(1, abs=1e-9)
    # the text continues as it did
    assert int(model.distribution(seen).argmax()) == int(ids[14])


def test_each_token_is_scored_after_those_before_it() -> None:
    ids, order = torch.tensor(text_of(60)), 4
    model = fit(torch.tensor(text_of(70)), order, UNIFORM)
    scores = model.log_prob(ids)
    expected = [float(model.distribution(ids[:i])[ids[i]]) for i in range(1, 60)]
    assert scores.dtype == torch.float64
    assert scores.exp().tolist() == pytest.approx(expected, rel=1e-12)

    changed = ids.clone()
    changed[30] = SMALL - 1
    differs = (model.log_prob(changed) != scores).nonzero().flatten() + 1  # places of tokens
    assert int(differs.min()) == 30
    assert int(differs.max()) < 30 + order


@pytest.mark.parametrize("text", [[0], [0] * 50, [0, 1] * 25, list(range(SMALL))])
@pytest.mark.parametrize("order", [1, 3, 10])
def test_odd_texts_leave_something_for_every_token(text: list[int], order: int) -> None:
    model = fit(torch.tensor(text), order, UNIFORM)
    for context in ((), (0,), tuple(text)):
        p = model.distribution(torch.tensor(context, dtype=torch.int64))
        assert float(p.min()) > 0
        assert float(p.sum()) == pytest.approx(1, abs=1e-12)


def test_classes_have_their_share_of_the_base(table: bytes, ids: Tensor) -> None:
    base, by_class = class_base(ids, table), classes(encoding(table))
    share = torch.zeros(CLASSES, dtype=torch.float64).index_add(0, by_class, base)
    types = torch.tensor([int((by_class[ids.unique()] == i).sum()) for i in range(CLASSES)])
    there = by_class.bincount(minlength=CLASSES) > 0  # GPT-2 has no token of some classes
    expected = torch.where(there, 1.0 + types, 0).double()
    torch.testing.assert_close(share, expected / expected.sum(), rtol=0, atol=1e-12)
    common, uncommon = encoding(table).encode_ordinary(" running dreaming")
    assert base[common] > base[uncommon] > 0


@pytest.mark.parametrize(
    ("ids", "base", "message"),
    [
        ([0, SMALL], UNIFORM, "tokens 0 to 8: there are 8"),
        ([-1, 0], UNIFORM, "tokens -1 to 0"),
        ([0, 1], UNIFORM / 2, "sums to 0.5: must be a distribution"),
        ([0, 1], UNIFORM * torch.nan, "sums to nan: must be a distribution"),
        ([0, 1], torch.tensor([1.5, -0.5], dtype=torch.float64), "must be a distribution"),
    ],
)
def test_what_cannot_be_fitted(ids: list[int], base: Tensor, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        fit(torch.tensor(ids), 2, base)


@pytest.mark.parametrize(("ids", "message"), [([0], "at least 2"), ([0, SMALL], "there are 8")])
def test_what_cannot_be_scored(ids: list[int], message: str) -> None:
    model = fit(torch.tensor(text_of(30)), 3, UNIFORM)
    with pytest.raises(ValueError, match=message):
        model.log_prob(torch.tensor(ids))


def test_scores_of_other_tokens_are_not_mixed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    parts = {"validation": torch.arange(5), "test": torch.arange(9)}
    write_arrays("data/ngram.npz", validation=torch.ones(4), test=torch.ones(8))
    assert {name: len(part) for name, part in read_ngram(parts).items()} == {
        "validation": 4,
        "test": 8,
    }
    write_arrays("data/ngram.npz", validation=torch.ones(4), test=torch.ones(9))
    with pytest.raises(InputError, match="test: 9 scores for 9 tokens"):
        read_ngram(parts)
