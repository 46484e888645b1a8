import json
from copy import deepcopy
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from torch import Tensor

from lab.core.artifacts import write_arrays, write_bytes
from lookingglass.errors import InputError
from lookingglass.gpt.generation import next_probs
from lookingglass.gpt.model import GPT
from lookingglass.gpt.weights import dump_gpt
from stages.gpt.logprob import Params, held, main, sentence

GOOD = {"prompt": "The King", "temperature": 0.7, "top_k": 50, "seed": 0}


def test_a_sentence_ends_at_its_end_or_the_models(gpt: GPT) -> None:
    lengths = set()
    for seed in range(20):
        ids, probs = sentence(gpt, Params(**GOOD | {"seed": seed, "temperature": 2.0}))
        given = len(ids) - len(probs)
        assert given == 2
        ends = [any(c in gpt.decode(id[None]) for c in ".!?") for id in ids]
        assert not any(ends[given:-1])
        assert ends[-1] or len(ids) == 17  # 16 positions, and what the last one predicts
        lengths.add(len(ids))
    assert len(lengths) > 2
    assert 17 in lengths


def test_a_sentence_ends_where_the_language_has_it(gpt: GPT) -> None:
    """Even with a character of several tokens, which the model writes one by one."""
    ids = gpt.encode("؟")
    assert len(ids) > 1
    with torch.no_grad():
        gpt.head_bias[gpt.row[ids]] = 1000
        gpt.log_prior[ids] = 20  # the model writes no others of their class
    found, probs = sentence(gpt, Params(**GOOD | {"temperature": 1.0, "top_k": 50257}))
    given = len(found) - len(probs)
    new = gpt.decode(found[given:])
    assert "؟" not in new[:-1]
    assert new.endswith("؟") or len(found) == 17


def test_the_end_of_the_prompt_is_not_the_sentences(gpt: GPT) -> None:
    ids, probs = sentence(gpt, Params(**GOOD | {"prompt": "Oh! The King."}))
    given = len(ids) - len(probs)
    assert len(ids) > given == 5


def test_a_tie_at_the_last_candidate(gpt: GPT) -> None:
    """The sampler's own choice among equals counts: no token that it drew has probability 0."""
    flat = deepcopy(gpt)
    for parameter in flat.parameters():
        parameter.zero_()
    _, probs = sentence(flat, Params(**GOOD | {"top_k": 5}))
    assert probs == pytest.approx(1 / 5)


def test_a_prompt_longer_than_the_block(gpt: GPT) -> None:
    with pytest.raises(InputError, match="17 tokens; must be at most train_gpt"):
        sentence(gpt, Params(**GOOD | {"prompt": "the" + " the" * 16}))
    ids, probs = sentence(gpt, Params(**GOOD | {"prompt": "the" + " the" * 15}))
    given = len(ids) - len(probs)
    assert (len(ids), given) == (17, 16)


@pytest.mark.parametrize(
    "changes",
    [{}, {"temperature": 0.0}, {"top_k": 1}, {"temperature": 1.0, "top_k": 50257}, {"seed": 3}],
)
def test_what_is_written(
    gpt: GPT, ids: Tensor, changes: dict, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    params = Params(**GOOD | changes)
    monkeypatch.chdir(tmp_path)
    write_bytes("params.yaml", json.dumps({"logprob": params.model_dump()}).encode())
    write_bytes("models/gpt.safetensors", dump_gpt(gpt))
    write_arrays("data/tokens.npz", test=ids.numpy())
    main()
    table = pd.read_csv("data/logprob.csv", converters={"token": str, "piece": str})
    metrics = json.loads(Path("metrics/details/logprob.json").read_text())

    text, probs = sentence(gpt, params)
    given = len(text) - len(probs)
    assert "".join(table.token) == "".join(table.piece) == metrics["sentence"] == gpt.decode(text)
    model, sampling = [np.nan], [np.nan] * given
    for place in range(1, len(text)):  # from the definition
        logits = gpt(text[None, :place])[0, -1]
        model.append(float(next_probs(gpt, logits, 1.0, None)[text[place]].log()))
        if place >= given:
            probs = next_probs(gpt, logits, params.temperature, params.top_k)
            sampling.append(float(probs[text[place]].log()))
    assert table.log_prob.to_numpy() == pytest.approx(np.array(model), rel=1e-4, nan_ok=True)
    assert table.log_prob_sampling.to_numpy() == pytest.approx(
        np.array(sampling), rel=1e-3, abs=1e-5, nan_ok=True
    )
    n, total = len(text) - 1, np.nansum(model)
    assert (metrics["tokens"], metrics["given"], metrics["sampled"]) == (n, given, n + 1 - given)
    assert metrics["log_prob"] == pytest.approx(total, rel=1e-5)
    assert metrics["log_prob_sampled"] == pytest.approx(sum(model[given:]), rel=1e-5)
    assert metrics["log_prob_sampling"] == pytest.approx(np.nansum(sampling), rel=1e-3, abs=1e-4)
    assert metrics["perplexity"] == pytest.approx(np.exp(-total / n), rel=1e-4)
    assert metrics["product"] == pytest.approx(np.exp(total), rel=1e-3)
    assert metrics["product_difference"] < 1e-4
    if params.temperature == 0 or params.top_k == 1:
        assert metrics["log_prob_sampling"] == 0
    if params.temperature == 1:
        assert metrics["log_prob_sampling"] == pytest.approx(metrics["log_prob_sampled"], rel=1e-5)


def test_what_a_product_holds() -> None:
    """2^-149 is the smallest positive float32, 2^-1074 the smallest positive float64."""
    halves = np.full(2000, 0.5)
    assert held(halves.astype(np.float32)) == 149
    assert held(halves) == 1074
    assert held(halves[:7]) == 7
