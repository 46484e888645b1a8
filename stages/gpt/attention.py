"""What the GPT attended to when it generated the 11th word (exercise 3.2.4, questions 3 and 4)."""

from itertools import chain
from typing import Annotated, Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from pydantic import Field, ValidationInfo, field_validator
from torch import Tensor

from lab.core.artifacts import write_arrays, write_metrics
from lab.core.entry import run
from lab.core.headline import write_headline
from lab.core.params import Section, Seed, load
from lab.data.tables import write_frame
from lab.data.tokens import read_tokens
from lookingglass.gpt import attention as att
from lookingglass.gpt.ablation import commonest, replace_each, word_prob
from lookingglass.gpt.generation import generate, take_words
from lookingglass.gpt.model import GPT
from lookingglass.gpt.pieces import first_texts, names, pieces, token_texts
from lookingglass.gpt.weights import load_gpt
from lookingglass.gpt.words import Word, word_spans, words

BLOCKS = {"first": 0, "last": -1}
COLUMNS = ("position", "token", "weight_first", "weight_last", "score_first", "score_last", "p")

Metrics = dict[str, float | int | str]


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
        """A word has ended only where the next one begins."""
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
    """The model generated no such word, or not where it sees everything before it."""


def sentence(gpt: GPT, params: Params) -> tuple[Tensor, Word]:
    """The ids of the prompt and its continuation, and the word to explain.

    Words are counted in the whole text, since the first new token may continue the prompt's last
    word. The word is the model's own: the prompt has fewer words, so it starts after the prompt.
    """
    prompt = gpt.encode(params.prompt)
    generator = torch.Generator().manual_seed(params.seed)
    new = generate(
        gpt, prompt, temperature=params.temperature, top_k=params.top_k, generator=generator
    )
    ids = torch.tensor(take_words(gpt, chain(prompt.tolist(), new), params.words))
    found = words(gpt.vocabulary, ids)
    size = gpt.config.block_size
    if len(found) <= params.word:  # a word has ended only where the next one begins
        raise NoWordError(
            f"with attention.seed = {params.seed} the text has {len(found)} words in {len(ids)} "
            f"tokens, too few to explain word {params.word}"
        )
    word = found[params.word - 1]
    if word.tokens.start < 2:
        raise NoWordError(
            f"word {params.word} starts with token {word.tokens.start + 1}, too early to compare "
            "what the model attended to"
        )
    if word.tokens.stop - 1 > size:
        raise NoWordError(
            f"word {params.word} ends with token {word.tokens.stop}, and train_gpt.block_size lets "
            f"the model see {size} before one"
        )
    return ids, word


def attended(gpt: GPT, seen: Tensor, rows: Tensor, block: int) -> dict[str, Tensor]:
    """Scores and weights (heads, rows, seen) of some rows, and their means over heads and rows.

    The mean score is centred; `score_sum` is the sum of the scores as they are.
    """
    found = att.attention(gpt, seen, block)
    scores, weights = found.scores[:, rows], found.weights[:, rows]
    return {
        "scores": scores,
        "weights": weights,
        "score": att.mean_of_rows(att.centred(scores).mean(dim=0)),
        "weight": weights.mean(dim=(0, 1)),
        "score_sum": att.mean_of_rows(scores.mean(dim=0)).double().sum(),
        "entropy": att.entropy(weights.mean(dim=0)).mean(),
        "head_entropy": att.entropy(weights).mean(),
        "distance": att.distance(found.weights)[:, rows].mean(),
    }


def rank_correlation(a: NDArray[Any], b: NDArray[Any]) -> float:
    """Spearman's."""
    return float(np.corrcoef(a.argsort().argsort(), b.argsort().argsort())[0, 1])


def compare(
    found: dict[str, Tensor], start: int, texts: list[str], p_word: float, p_replaced: NDArray[Any]
) -> Metrics:
    """A block's attention to the tokens before the word, next to the effect of replacing them."""
    weight = found["weight"][:start].numpy()
    effect = np.abs(np.log(p_replaced / p_word))
    top, low, needed = int(weight.argmax()), int(weight.argmin()), int(effect.argmax())
    return {
        "weight_sum": float(found["weight"].double().sum()),
        "score_sum": float(found["score_sum"]),
        "entropy": float(found["entropy"]),
        "head_entropy": float(found["head_entropy"]),
        "distance": float(found["distance"]),
        "top": texts[top],
        "top_weight": float(weight[top]),
        "p_without_top": float(p_replaced[top]),
        "low": texts[low],
        "low_weight": float(weight[low]),
        "p_without_low": float(p_replaced[low]),
        "needed_weight": float(weight[needed]),
        "needed_rank": int((weight > weight[needed]).sum()) + 1,
        "rank_correlation": rank_correlation(weight, effect),
    }


def explain(
    gpt: GPT, ids: Tensor, explained: Word, parts: dict[str, Tensor], params: Params
) -> tuple[Metrics, dict[str, NDArray[Any]], pd.DataFrame]:
    """The metrics, and for the figures arrays and a table, of a word's attention and its effect."""
    word = explained.tokens
    predicted = ids[: word.stop]
    seen = predicted[:-1]  # what the word's last token was predicted from
    rows = torch.arange(word.start - 1, len(seen))
    painted, tokens = pieces(gpt.vocabulary, ids), token_texts(gpt.vocabulary, ids)
    texts = names(painted)

    p_word = float(word_prob(gpt, predicted[None], word.start))
    others = commonest(parts["train"], params.replacements)
    p_replaced = replace_each(gpt, predicted, word.start, *others).numpy()
    needed = int(np.abs(np.log(p_replaced / p_word)).argmax())
    shifted = att.shift_key_biases(gpt)
    metrics: Metrics = {
        "sentence": gpt.decode(ids),
        "word": params.word,
        "word_text": explained.text,
        "word_tokens": len(word),
        "seen": len(seen),
        "p_word": p_word,
        "p_word_shifted": float(word_prob(shifted, predicted[None], word.start)),
        "needed": texts[needed],
        "p_without_needed": float(p_replaced[needed]),
    }
    size = min(gpt.config.block_size, len(parts["test"]))
    metrics["entropy_even"], metrics["distance_even"] = att.uniform(rows)
    metrics["test_entropy_even"], metrics["test_distance_even"] = att.uniform(
        torch.arange(size // 2, size)  # the rows that att.typical averages over
    )
    blocks = {name: attended(gpt, seen, rows, block) for name, block in BLOCKS.items()}
    for name, block in BLOCKS.items():
        measured = compare(blocks[name], word.start, texts, p_word, p_replaced)
        measured["score_sum_shifted"] = float(attended(shifted, seen, rows, block)["score_sum"])
        measured["test_entropy"], measured["test_distance"] = att.typical(gpt, parts["test"], block)
        metrics |= {f"{key}_{name}": value for key, value in measured.items()}

    arrays = {
        "tokens": np.array(tokens),
        "pieces": np.array(first_texts(painted)),
        "prompt": np.array(len(gpt.encode(params.prompt))),
        "word": np.array([word.start, word.stop]),
        "rows": rows.numpy(),
    }
    for key in ("scores", "weights", "score", "weight"):
        arrays[key] = torch.stack([blocks[name][key] for name in BLOCKS]).numpy()
    table = pd.DataFrame({"position": range(len(seen)), "token": tokens[: len(seen)]})
    for key in ("weight", "score"):
        for name in BLOCKS:
            table[f"{key}_{name}"] = blocks[name][key].tolist()
    table["p"] = [*p_replaced.tolist(), *[""] * (len(seen) - word.start)]
    return metrics, arrays, table


def main() -> None:
    params = load("attention", Params)
    torch.set_num_threads(1)
    gpt = load_gpt("models/gpt.safetensors")
    parts = read_tokens("data/tokens.npz")

    metrics: Metrics
    arrays: dict[str, NDArray[Any]]
    try:
        ids, word = sentence(gpt, params)
        metrics, arrays, table = explain(gpt, ids, word, parts, params)
    except NoWordError as error:  # the figures and the report say why, in place of the results
        print(f"questions 3 and 4 are left out: {error}")
        metrics, arrays = {"left_out": str(error)}, {"left_out": np.array(str(error))}
        table = pd.DataFrame(columns=COLUMNS)

    write_metrics("metrics/details/attention.json", metrics)
    write_headline("metrics/attention.json", metrics, rank_correlation="rank_correlation_last")
    write_arrays("data/attention.npz", **arrays)
    write_frame("data/attention.csv", table)
    for name in BLOCKS if "left_out" not in metrics else ():
        print(
            f"{name} block: highest weight {metrics[f'top_weight_{name}']:.2f} on "
            f"{metrics[f'top_{name}']!r}; with other tokens in its place the probability of "
            f"{metrics['word_text']!r} changes from {metrics['p_word']:.2g} to "
            f"{metrics[f'p_without_top_{name}']:.2g}"
        )


if __name__ == "__main__":
    run(main)
