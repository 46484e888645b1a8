import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from torch import Tensor

from lab.core.artifacts import read_arrays, write_arrays, write_bytes
from lab.core.params import validate
from lookingglass.errors import InputError
from lookingglass.gpt.attention import attention
from lookingglass.gpt.model import GPT, Config
from lookingglass.gpt.scoring import log_prob
from lookingglass.gpt.vocabulary import Vocabulary
from lookingglass.gpt.weights import dump_gpt
from lookingglass.gpt.words import words
from stages.gpt.attention import NoWordError, Params, main, sentence

GOOD = {
    "word": 11, "words": 12, "prompt": "The Queen of Hearts, she made some very good",
    "temperature": 1.0, "top_k": 50257, "seed": 0,
    "replacements": 100,
}  # fmt: skip


@pytest.fixture(scope="module")
def wide(vocabulary: Vocabulary) -> GPT:
    """A model with room for 64 tokens and random weights, which writes random text."""
    model = GPT(
        Config(n_layer=2, n_head=2, n_embd=24), vocabulary, torch.Generator().manual_seed(0)
    )
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.ndim == 2:
                parameter *= 10
    return model.requires_grad_(False)


def test_the_11th_word_is_the_models_and_complete(wide: GPT) -> None:
    """Even where the first new token continues the prompt's last word, which shifts the count."""
    continued, several = 0, 0
    for seed in range(20):
        params = Params(**GOOD | {"seed": seed})
        ids, word = sentence(wide, params)
        tokens = word.tokens
        prompt = wide.encode(params.prompt)
        assert torch.equal(ids[: len(prompt)], prompt)
        assert tokens.start >= len(prompt)
        found = words(wide.vocabulary, ids)
        assert len(found) == 12
        assert word == found[10]
        before = words(wide.vocabulary, ids[: tokens.start])
        assert before == found[:10]
        assert word.text in wide.decode(ids[tokens.start : tokens.stop])
        continued += not wide.decode(ids[len(prompt) :])[0].isspace()
        several += len(tokens) > 1
    assert 0 < continued < 20
    assert 0 < several < 20


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"prompt": "one two three four five six seven eight nine ten eleven"},
         "attention.prompt = 'one two three four five six seven eight nine ten eleven': "
         "must be of fewer than 11 words, not 11"),
        ({"words": 11}, "attention.words = 11: must be more than attention.word, 11"),
        ({"word": 2}, "attention.word = 2: must be an integer, at least 3, at most 40"),
    ],
)  # fmt: skip
def test_what_is_refused(changes: dict, message: str) -> None:
    with pytest.raises(InputError) as error:
        validate("attention", GOOD | changes, Params)
    assert str(error.value) == f"params.yaml: {message}"


def test_ten_words_are_few_enough() -> None:
    validate("attention", GOOD | {"prompt": "1 2 3 4 5 6 7 8 9 10 "}, Params)


def only(gpt: GPT, text: str) -> GPT:
    """Make the model write this one token for ever."""
    with torch.no_grad():
        gpt.head_bias[gpt.row[gpt.encode(text)]] = 1000
    return gpt


def test_a_text_that_never_breaks(gpt: GPT) -> None:
    with pytest.raises(NoWordError, match="seed = 0 the text has 9 words in 240 tokens, too few"):
        sentence(only(gpt, "ed"), Params(**GOOD))


def test_a_word_past_the_models_positions(gpt: GPT) -> None:
    """16 positions allow 17 tokens, so the 18th is the first that is too far."""
    only(gpt, " the")
    prompt = "The" + " the" * 7
    word = sentence(gpt, Params(**GOOD | {"prompt": prompt, "word": 17, "words": 18}))[1]
    assert word.tokens.stop == 17
    with pytest.raises(NoWordError, match="word 18 ends with token 18, and"):
        sentence(gpt, Params(**GOOD | {"prompt": prompt, "word": 18, "words": 19}))


def in_folder(
    path: Path, monkeypatch: pytest.MonkeyPatch, gpt: GPT, ids: Tensor, seed: int
) -> None:
    """Write what the stage reads into a folder, and change to it."""
    monkeypatch.chdir(path)
    write_bytes("params.yaml", json.dumps({"attention": GOOD | {"seed": seed}}).encode())
    write_bytes("models/gpt.safetensors", dump_gpt(gpt))
    write_arrays("data/tokens.npz", train=ids.numpy(), test=ids.numpy())


@pytest.mark.parametrize("text", ["ed", "\n"])
def test_a_model_that_writes_no_words(
    gpt: GPT, ids: Tensor, text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The pipeline continues: every file is written, and the details give the reason."""
    in_folder(tmp_path, monkeypatch, only(gpt, text), ids, 0)
    main()
    why = json.loads(Path("metrics/details/attention.json").read_text())["left_out"]
    assert "too few to explain word 11" in why
    assert str(read_arrays("data/attention.npz")["left_out"]) == why
    assert json.loads(Path("metrics/attention.json").read_text()) == {}
    assert pd.read_csv("data/attention.csv").empty


@pytest.mark.parametrize("seed", [0, 5, 7])  # 5 and 7 write it in two tokens
def test_what_is_written(
    wide: GPT, ids: Tensor, seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_folder(tmp_path, monkeypatch, wide, ids, seed)
    main()
    data, table = np.load("data/attention.npz"), pd.read_csv("data/attention.csv")
    metrics = json.loads(Path("metrics/details/attention.json").read_text())

    all_ids, explained = sentence(wide, Params(**GOOD | {"seed": seed}))
    word = explained.tokens
    seen = all_ids[: word.stop - 1]
    assert "".join(data["tokens"]) == "".join(data["pieces"])
    assert "".join(data["tokens"]) == metrics["sentence"] == wide.decode(all_ids)
    assert metrics["word_text"] == words(wide.vocabulary, all_ids)[10].text
    assert len(table) == len(seen)
    assert (metrics["word_tokens"], metrics["seen"]) == (len(word), len(seen))
    assert tuple(data["word"]) == (word.start, word.stop)
    assert data["rows"].tolist() == [place - 1 for place in word]
    scores = log_prob(wide, all_ids[: word.stop])[word.start - 1 :]
    assert metrics["p_word"] == pytest.approx(float(scores.sum().exp()), rel=1e-4)
    assert metrics["p_word_shifted"] == pytest.approx(metrics["p_word"], rel=1e-3)
    for index, (name, block) in enumerate({"first": 0, "last": 1}.items()):
        found = attention(wide, seen, block)
        rows = found.weights[:, word.start - 1 :].numpy()
        assert np.array_equal(data["weights"][index], rows)
        assert data["weight"][index] == pytest.approx(rows.mean(axis=(0, 1)), abs=1e-6)
        assert table[f"weight_{name}"].to_numpy() == pytest.approx(data["weight"][index], rel=1e-4)
        assert metrics[f"weight_sum_{name}"] == pytest.approx(1, abs=1e-6)
        assert abs(metrics[f"score_sum_{name}"] - metrics[f"score_sum_shifted_{name}"]) > 0.01
        before = data["weight"][index][: word.start]
        assert metrics[f"top_weight_{name}"] == pytest.approx(before.max(), rel=1e-4)
        assert metrics[f"p_without_low_{name}"] == pytest.approx(table.p[before.argmin()], rel=1e-4)
    assert table.p.isna().tolist() == [place >= word.start for place in range(len(seen))]
