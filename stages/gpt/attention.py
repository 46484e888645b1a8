"""What the GPT looked at when it wrote the 11th word (exercise 3.2.4, questions 3 and 4)."""

from copy import deepcopy
from itertools import chain
from typing import Annotated

import numpy as np
import torch
from pydantic import Field, ValidationInfo, field_validator
from torch import Tensor

from lab.core.artifacts import read_arrays, write_arrays, write_metrics, write_table
from lab.core.entry import run
from lab.core.headline import headline
from lab.core.params import Section, Seed, load
from lookingglass.gpt.ablation import commonest, replace_each, word_prob
from lookingglass.gpt.attention import attention, centred, distance, entropy, mean_of_rows
from lookingglass.gpt.generation import generate, take_words
from lookingglass.gpt.model import GPT
from lookingglass.gpt.pieces import first_texts, names, pieces, token_texts
from lookingglass.gpt.weights import load_gpt
from lookingglass.gpt.words import Word, word_spans, words

BLOCKS = {"first": 0, "last": -1}
KEPT = ("scores", "weights", "score", "weight")  # for the figures: of the first block, of the last

COLUMNS = ("position", "token", "weight_first", "weight_last", "score_first", "score_last", "p")


class Params(Section):
    word: Annotated[int, Field(ge=3, le=40)]
    words: Annotated[int, Field(ge=4, le=41)]
    prompt: Annotated[str, Field(min_length=1)]
    temperature: Annotated[float, Field(ge=0, le=10)]
    top_k: Annotated[int, Field(ge=1, le=50257)]
    seed: Seed
    replacements: Annotated[int, Field(ge=10, le=1000)]

    @field_validator("words")
    @classmethod
    def _go_past_the_word(cls, words: int, info: ValidationInfo) -> int:
        """Only where the next word begins has one ended."""
        if words <= info.data.get("word", 0):
            raise ValueError(f"more than attention.word, {info.data['word']}")
        return words

    @field_validator("prompt")
    @classmethod
    def _leave_the_word_to_the_model(cls, prompt: str, info: ValidationInfo) -> str:
        count = sum(1 for _ in word_spans(prompt))
        if count >= info.data.get("word", count + 1):
            raise ValueError(f"of fewer than {info.data['word']} words, not {count}")
        return prompt


class NoWordError(Exception):
    """The model wrote no such word, or not where it sees all that came before: the message says."""


def sentence(gpt: GPT, params: Params) -> tuple[Tensor, Word]:
    """The ids of the prompt and what the model makes of it, and the word to explain.

    Words are counted in the whole text, since the first new token may go on with the prompt's
    last word. The word is the model's: as the prompt has fewer, it starts after the prompt.
    """
    prompt = gpt.encode(params.prompt)
    generator = torch.Generator().manual_seed(params.seed)
    new = generate(
        gpt, prompt, temperature=params.temperature, top_k=params.top_k, generator=generator
    )
    ids = torch.tensor(take_words(gpt, chain(prompt.tolist(), new), params.words))
    found = words(gpt.vocabulary, ids)
    size = gpt.config.block_size
    if len(found) <= params.word:  # only where the next begins has it ended
        raise NoWordError(
            f"with attention.seed = {params.seed} the text has {len(found)} words in {len(ids)} "
            f"tokens, too few to explain word {params.word}"
        )
    word = found[params.word - 1]
    if word.tokens.start < 2:
        raise NoWordError(
            f"word {params.word} starts with token {word.tokens.start + 1}, too early to compare "
            "what the model looked at"
        )
    if word.tokens.stop - 1 > size:
        raise NoWordError(
            f"word {params.word} ends with token {word.tokens.stop}, and train_gpt.block_size lets "
            f"the model see {size} before one"
        )
    return ids, word


def with_other_key_biases(gpt: GPT) -> GPT:
    """The same model in other numbers: 1 more in each key bias moves whole rows of scores."""
    other = deepcopy(gpt)
    width = gpt.config.n_embd
    for name, parameter in other.named_parameters():
        if name.endswith("qkv.bias"):
            parameter[width : 2 * width] += 1
    return other


def on_test_part(gpt: GPT, test: Tensor) -> dict[str, float]:
    """Mean entropy of a head's weights and mean distance, where half a window or more is seen.

    One sentence is an anecdote; this is what the blocks do with all others.
    """
    size = min(gpt.config.block_size, len(test))
    windows = test[: len(test) // size * size].view(-1, size)
    even = torch.ones(size, size).tril()
    rows = slice(size // 2, None)

    def measured(weights: Tensor) -> Tensor:
        return torch.stack([each(weights)[..., rows].mean() for each in (entropy, distance)])

    found = {"even": measured(even / even.sum(dim=-1, keepdim=True))}
    for name, block in BLOCKS.items():
        each = [measured(attention(gpt, window, block).weights) for window in windows]
        found[name] = torch.stack(each).mean(dim=0)
    return {
        f"test_{key}_{name}": float(value)
        for name, both in found.items()
        for key, value in zip(("entropy", "distance"), both, strict=True)
    }


def rank_correlation(a: np.ndarray, b: np.ndarray) -> float:
    """Spearman's."""
    return float(np.corrcoef(a.argsort().argsort(), b.argsort().argsort())[0, 1])


def looked_at(gpt: GPT, seen: Tensor, rows: Tensor, block: int) -> dict[str, Tensor]:
    """Scores and weights (heads, rows, seen) of some rows, and their means over heads and rows.

    The painted scores are centred; the sum of those as they are is beside them.
    """
    found = attention(gpt, seen, block)
    scores, weights = found.scores[:, rows], found.weights[:, rows]
    return {
        "scores": scores,
        "weights": weights,
        "score": mean_of_rows(centred(scores).mean(dim=0)),
        "weight": weights.mean(dim=(0, 1)),
        "score_sum": mean_of_rows(scores.mean(dim=0)).double().sum(),
        "entropy": entropy(weights.mean(dim=0)).mean(),
        "head_entropy": entropy(weights).mean(),
        "distance": distance(found.weights)[:, rows].mean(),
    }


def leave_out(why: str) -> None:
    """Write the reason in place of the results: the figures and the report pass it on."""
    write_metrics("metrics/details/attention.json", {"left_out": why})
    write_metrics("metrics/attention.json", {})
    write_arrays("data/attention.npz", left_out=np.array(why))
    write_table("data/attention.csv", COLUMNS, ())
    print(f"questions 3 and 4 are left out: {why}")


def explain(
    gpt: GPT, ids: Tensor, explained: Word, parts: dict[str, Tensor], params: Params
) -> None:
    """Write what the blocks looked at for a word of `ids`, and whether it mattered."""
    word = explained.tokens
    predicted = ids[: word.stop]
    seen = predicted[:-1]  # what the last token of the word was predicted from
    rows = torch.arange(word.start - 1, len(seen))
    painted = pieces(gpt.vocabulary, ids)
    texts = names(painted)

    p_word = float(word_prob(gpt, predicted[None], word.start))
    p_replaced = replace_each(
        gpt, predicted, word.start, *commonest(parts["train"], params.replacements)
    ).numpy()
    change = np.abs(np.log(p_replaced / p_word))
    needed = int(change.argmax())
    twin = with_other_key_biases(gpt)
    metrics: dict[str, float | int | str] = {
        "sentence": gpt.decode(ids),
        "word": params.word,
        "word_text": explained.text,
        "word_tokens": len(word),
        "seen": len(seen),
        "p_word": p_word,
        "p_word_shifted": float(word_prob(twin, predicted[None], word.start)),
        "entropy_even": float((rows.double() + 1).log().mean()),
        "distance_even": float((rows.double() + 2).mean() / 2),
        "needed": texts[needed],
        "p_without_needed": float(p_replaced[needed]),
    }
    blocks = {name: looked_at(gpt, seen, rows, block) for name, block in BLOCKS.items()}
    for name, found in blocks.items():
        before = found["weight"][: word.start].numpy()  # the tokens of the word are its own
        top, low = int(before.argmax()), int(before.argmin())
        metrics |= {
            f"weight_sum_{name}": float(found["weight"].double().sum()),
            f"score_sum_{name}": float(found["score_sum"]),
            f"score_sum_shifted_{name}": float(
                looked_at(twin, seen, rows, BLOCKS[name])["score_sum"]
            ),
            f"entropy_{name}": float(found["entropy"]),
            f"head_entropy_{name}": float(found["head_entropy"]),
            f"distance_{name}": float(found["distance"]),
            f"top_{name}": texts[top],
            f"top_weight_{name}": float(before[top]),
            f"p_without_top_{name}": float(p_replaced[top]),
            f"low_{name}": texts[low],
            f"low_weight_{name}": float(before[low]),
            f"p_without_low_{name}": float(p_replaced[low]),
            f"needed_weight_{name}": float(before[needed]),
            f"needed_rank_{name}": int((before > before[needed]).sum()) + 1,
            f"rank_correlation_{name}": rank_correlation(before, change),
        }
        print(
            f"{name} block: most on {texts[top]!r} ({before[top]:.2f}), entropy "
            f"{metrics[f'entropy_{name}']:.2f} nats; with other tokens in its place the "
            f"probability of {explained.text!r} goes from {p_word:.2g} to {p_replaced[top]:.2g}"
        )
    metrics |= on_test_part(gpt, parts["test"])
    write_metrics("metrics/details/attention.json", metrics)
    write_metrics(
        "metrics/attention.json", headline(metrics, rank_correlation="rank_correlation_last")
    )
    tokens = token_texts(gpt.vocabulary, ids)
    first, last = blocks["first"], blocks["last"]
    write_arrays(
        "data/attention.npz",
        tokens=np.array(tokens),
        pieces=np.array(first_texts(painted)),
        prompt=np.array(len(gpt.encode(params.prompt))),
        word=np.array([word.start, word.stop]),
        rows=rows.numpy(),
        **{key: torch.stack([first[key], last[key]]).numpy() for key in KEPT},
    )
    write_table(
        "data/attention.csv",
        COLUMNS,
        (
            (
                place,
                tokens[place],
                *(
                    float(found[key][place])
                    for key in ("weight", "score")
                    for found in (first, last)
                ),
                float(p_replaced[place]) if place < word.start else "",
            )
            for place in range(len(seen))
        ),
    )


def main() -> None:
    params = load("attention", Params)
    torch.set_num_threads(1)
    gpt = load_gpt("models/gpt.safetensors")
    parts = {name: torch.from_numpy(ids) for name, ids in read_arrays("data/tokens.npz").items()}
    try:
        ids, word = sentence(gpt, params)
    except NoWordError as error:
        leave_out(str(error))
    else:
        explain(gpt, ids, word, parts, params)


if __name__ == "__main__":
    run(main)
