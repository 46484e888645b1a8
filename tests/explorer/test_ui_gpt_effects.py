"""The panel "The GPT": tokens replaced and heads silenced, beside attention."""

import re
from typing import Any

import numpy as np
import pytest
import torch
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.select import Select

from lookingglass.gpt.ablation import commonest, replace_each
from lookingglass.gpt.attention import attention
from lookingglass.gpt.model import GPT
from stages.gpt.attention import rank_correlation
from tests.explorer.gpt_effects import CHOSEN, OPEN, TEXT, head, opened
from tests.explorer.gpt_panel import Panel
from tests.explorer.gpt_reference import without

panel = pytest.fixture(opened)


def log_prob(gpt: GPT, ids: torch.Tensor) -> float:
    """Of the chosen token."""
    return float(gpt.score(ids[None, : CHOSEN + 1])[0, -1])


def reference(
    gpt: GPT, ids: torch.Tensor, training: torch.Tensor
) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Attention as the panel shows it first (block 0, mean over heads), and changes, by Python."""
    p = replace_each(gpt, ids[: CHOSEN + 1], CHOSEN, *commonest(training, 10)).log()
    weights = attention(gpt, ids[:CHOSEN], 0).weights[:, -1].mean(dim=0)
    return weights.numpy(), p.numpy() - log_prob(gpt, ids)


def pointed(panel: Panel, token: int, pattern: str) -> float:
    """A number of a token, by the keyboard's focus."""
    panel.page.run("arguments[0].focus()", panel.all(".tokens .token")[token])
    found = re.search(pattern + " ([+\u2212]?[0-9.]+)", panel["number"].text)
    assert found, panel["number"].text
    return float(found[1].replace("\u2212", "-"))


def value(text: str) -> float:
    return float(text.replace("\u2212", "-"))


def test_changes_by_replacement_beside_attention(
    panel: Panel, gpt: GPT, training: torch.Tensor
) -> None:
    ids = gpt.encode(TEXT)
    assert "Click a token" in panel["progress"].text
    panel.all(".tokens .token")[CHOSEN].click()
    panel.number("correlation")
    assert panel["chosen"].text.strip() == "Queen"
    assert panel.number("log-prob") == pytest.approx(log_prob(gpt, ids), abs=0.006)
    weights, changes = reference(gpt, ids, training)
    for token in range(CHOSEN):
        assert pointed(panel, token, "replaced by others:") == pytest.approx(
            changes[token], abs=0.006
        )
    expected = rank_correlation(weights, np.abs(changes))
    assert panel.number("correlation") == pytest.approx(expected, abs=0.006)
    bars = [float(chip.value_of_css_property("border-bottom-width")[:-2]) for chip in panel.all(
        ".tokens .token"
    )]  # fmt: skip
    assert int(np.argmax(bars)) == int(np.abs(changes).argmax())
    panel.until(lambda: panel.all(".scatter svg"))
    assert f"{expected:.2f}".replace("-", "\u2212") in str(
        panel["scatter"].get_attribute("aria-label")
    )
    # another block and head: the correlation follows
    Select(panel["block"]).select_by_value("3")
    Select(panel["head"]).select_by_value("2")
    Select(panel["quantity"]).select_by_value("score")
    scores = attention(gpt, ids[:CHOSEN], 3).scores[2, -1].numpy()
    expected = rank_correlation(scores, np.abs(changes))
    panel.until(lambda: panel.number("correlation") == pytest.approx(expected, abs=0.006))


def test_more_replacements(panel: Panel, gpt: GPT, training: torch.Tensor) -> None:
    panel.page.open(OPEN.replace("=10", "=30") + f"&gpt.chosen={CHOSEN}")
    panel.number("correlation")
    p = replace_each(gpt, gpt.encode(TEXT)[: CHOSEN + 1], CHOSEN, *commonest(training, 30))
    change = float(p[3].log()) - log_prob(gpt, gpt.encode(TEXT))
    assert pointed(panel, 3, "replaced by others:") == pytest.approx(change, abs=0.006)
    panel["replacements"].send_keys(Keys.CONTROL, "a", Keys.NULL, "9", Keys.TAB)
    panel.message("replacements of each token = 9: must be a whole number from 10 to 1000")


def test_heads_are_silenced_in_all_that_is_shown(
    panel: Panel, gpt: GPT, training: torch.Tensor
) -> None:
    ids = gpt.encode(TEXT)
    panel.all(".tokens .token")[CHOSEN].send_keys(Keys.ENTER)
    panel.number("correlation")
    whole = log_prob(gpt, ids)
    for block in range(gpt.config.n_layer):
        for number in range(gpt.config.n_head):
            change = log_prob(without(gpt, [(block, number)]), ids) - whole
            assert value(head(panel, block, number).text) == pytest.approx(change, abs=0.006)
    before = panel.text(".distribution tbody td")
    head(panel, 0, 2).click()
    head(panel, 3, 1).send_keys(Keys.SPACE)
    cut = without(gpt, [(0, 2), (3, 1)])
    panel.until(lambda: panel.number("log-prob") == pytest.approx(log_prob(cut, ids), abs=0.006))
    panel.number("correlation")
    assert head(panel, 0, 2).get_attribute("aria-pressed") == "true"
    assert "block 0, head 2; block 3, head 1 silenced" in panel["altered"].text
    # what silencing the first one does, given the other
    change = log_prob(cut, ids) - log_prob(without(gpt, [(3, 1)]), ids)
    assert value(head(panel, 0, 2).text) == pytest.approx(change, abs=0.006)
    assert "silenced, which changed it" in head(panel, 0, 2).accessible_name
    _, changes = reference(cut, ids, training)
    assert pointed(panel, 2, "replaced by others:") == pytest.approx(changes[2], abs=0.006)
    # attention of a later block, tokens' log-probabilities, and the next token
    Select(panel["block"]).select_by_value("3")
    weights = attention(cut, ids[:CHOSEN], 3).weights[:, -1, 1].mean()
    panel.until(
        lambda: pointed(panel, 1, "attention weight") == pytest.approx(float(weights), abs=6e-4)
    )
    scores = cut.score(ids[None])[0]
    assert pointed(panel, 4, "log-probability") == pytest.approx(float(scores[3]), abs=0.006)
    shown = panel.page.call("gpt.next", ids.tolist(), {"silenced": [[0, 2], [3, 1]]})
    assert panel.text(".distribution tbody td:not(.bars)")[0] == f"{100 * max(shown):.1f}%"
    assert panel.text(".distribution tbody td") != before
    panel.fragment("gpt.silenced=0.2,3.1")
    panel["all-heads"].click()
    panel.until(lambda: panel.number("log-prob") == pytest.approx(whole, abs=0.006))
    assert panel["altered"].text == ""
    assert not panel["all-heads"].is_enabled()


def test_on_a_slow_computer_another_token_has_no_old_effects(panel: Panel) -> None:
    """Each slice of the work ends after one step, as if that took all its time."""
    panel.page.run("let now = 0; performance.now = () => (now += 10)")
    panel.all(".tokens .token")[CHOSEN].click()
    panel.number("correlation")
    panel.all(".tokens .token")[2].click()
    panel.until(lambda: panel["chosen"].text.strip() == "to")
    panel.number("correlation")
    panel.all(".tokens .token")[2].click()  # chooses none
    panel.until(lambda: panel["chosen"].text == "none")


def test_replace_a_token_by_hand(panel: Panel, gpt: GPT, training: torch.Tensor) -> None:
    ids = gpt.encode(TEXT)
    panel.all(".tokens .token")[CHOSEN].click()
    panel["apply"].click()
    panel.message("Choose a token to replace first")
    panel["pick"].click()
    panel.message("Click the token to replace")
    panel.all(".tokens .token")[6].click()
    assert panel["chosen"].text.strip() == "Queen"  # the click has chosen no other token
    assert panel["picked-token"].text.split() == ["7.", "the"]
    assert panel["by"].get_property("value") == " the"
    panel["by"].send_keys(Keys.END, " great", Keys.ENTER)
    panel.message('" the great" is 2 tokens, and must be one')
    assert panel["by"].get_attribute("aria-invalid") == "true"
    panel["by"].send_keys(Keys.CONTROL, "a", Keys.NULL, " a", Keys.ENTER)
    changed = ids.clone()
    changed[6] = gpt.encode(" a")[0]
    change = log_prob(gpt, changed) - log_prob(gpt, ids)
    panel.until(lambda: panel["replaced-change"].text != "none")
    assert panel.number("replaced-change") == pytest.approx(change, abs=0.006)
    assert panel.tokens()[6] == " a"
    assert '" the" replaced by " a"' in panel["altered"].text
    panel.number("correlation")
    _, changes = reference(gpt, changed, training)
    assert pointed(panel, 6, "replaced by others:") == pytest.approx(changes[6], abs=0.006)
    next_log_prob = float(gpt.score(changed[None])[0, -1])
    assert pointed(panel, 8, "log-probability") == pytest.approx(next_log_prob, abs=0.006)
    panel["take-back"].click()
    panel.until(lambda: panel.tokens()[6] == " the")
    assert panel["replaced-change"].text == "none"
    # by the keyboard
    panel["pick"].send_keys(Keys.SPACE)
    panel.all(".tokens .token")[5].send_keys(Keys.ENTER)
    panel["by"].send_keys(Keys.CONTROL, "a", Keys.NULL, " but")
    panel["apply"].send_keys(Keys.ENTER)
    panel.until(lambda: panel.tokens()[5] == " but")
    panel.fragment("gpt.by=+but")
    # Escape waits no longer, and a token after the chosen one changes nothing
    panel["pick"].click()
    panel.all(".tokens .token")[0].send_keys(Keys.ESCAPE)
    assert panel["pick"].get_attribute("aria-pressed") == "false"
    panel.all(".tokens .token")[2].click()
    panel.until(lambda: panel["chosen"].text.strip() == "to")
    assert panel["replaced-change"].text == "none"
