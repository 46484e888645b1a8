"""The panel "The GPT" by mouse and by keyboard."""

import math
from collections.abc import Iterator

import pytest
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.wait import WebDriverWait

from tests.explorer.conftest import Page
from tests.explorer.gpt_panel import PROMPT, Panel


@pytest.fixture
def panel(page: Page) -> Iterator[Panel]:
    page.browser.get_log("browser")
    page.open("panel=gpt")
    panel = Panel(page)
    panel.type(PROMPT)
    panel.wait_for(4)
    yield panel
    assert page.browser.get_log("browser") == []


def test_each_token_has_its_log_probability(panel: Panel) -> None:
    assert panel.tokens() == ["Alice", " was", " tired", " of", "?"]
    ids = panel.page.call("gpt.encode", PROMPT)
    log_probs = panel.page.call("gpt.logProbs", ids)
    chips = panel.all(".tokens .token")
    assert "does not predict" in str(chips[0].get_attribute("aria-label"))
    chips[0].send_keys(Keys.ARROW_RIGHT, Keys.ARROW_RIGHT)  # to the third
    shown = f"log-probability \u2212{-log_probs[1]:.2f}"
    assert shown in panel["number"].text
    assert shown in str(chips[2].get_attribute("aria-label"))


def test_the_next_token_beside_the_ngram(panel: Panel) -> None:
    ids = panel.page.call("gpt.encode", PROMPT)
    probs, ngram = panel.page.call("gpt.next", ids), panel.page.call("gpt.ngram", ids)
    best = sorted(range(len(probs)), key=lambda i: -probs[i])[:12]
    assert panel.text(".distribution tbody .token") == panel.page.run(
        "return arguments[0].map((id) => lookingGlass.gpt.decode([id]).replace('\\n', '\u21b5'))",
        best,
    )
    shown = panel.text(".distribution tbody td:not(.bars)")
    assert shown[0] == f"{100 * probs[best[0]]:.1f}%"
    assert shown[1] == f"{100 * ngram[best[0]]:.1f}%"
    assert shown[-2] == f"{100 * (1 - sum(probs[i] for i in best)):.1f}%"
    assert panel.text(".distribution tbody th")[-1] == "all 50,245 others"


def test_temperature_and_top_k_reshape_it(panel: Panel) -> None:
    rows, numbers = ".distribution tbody tr", ".distribution tbody td:not(.bars)"
    panel["temperature"].send_keys(Keys.HOME)
    panel.until(lambda: panel["temperature-value"].text == "0.00")
    panel.until(lambda: len(panel.text(rows)) == 2)
    assert panel.text(numbers)[0] == "100.0%"
    panel["temperature"].send_keys(Keys.END)
    panel["topK"].send_keys(Keys.HOME, Keys.ARROW_RIGHT)
    panel.until(lambda: panel["top-k-value"].text == "2")
    assert len(panel.text(rows)) == 3
    assert panel.text(numbers)[-2] == "0%"
    panel["topK"].send_keys(Keys.END)
    panel.until(lambda: panel["top-k-value"].text == "all")
    assert len(panel.text(rows)) == 13


def test_draw_undo_and_seed(panel: Panel) -> None:
    panel["draw"].click()
    panel.wait_for(5)
    first, caption = panel.tokens(), panel["die-caption"].text
    u, start, end = (
        float(part.rstrip(".")) for part in caption.split() if part[:2] in ("0.", "1.")
    )
    assert start <= u <= end
    assert panel.text(".die .picked") == [first[4]]
    assert len(panel.all(".die .marker")) == 1
    panel["undo"].click()
    panel.wait_for(4)
    assert not panel.all(".die .marker")
    panel["undo"].click()
    panel.message("no generated token to undo")
    panel["draw"].send_keys(Keys.ENTER)
    panel.wait_for(5)
    assert (panel.tokens(), panel["die-caption"].text) == (first, caption)
    panel["undo"].click()
    panel["seed"].send_keys(Keys.CONTROL, "a")
    panel["seed"].send_keys("7")
    panel["draw"].click()
    panel.wait_for(5)
    assert panel["die-caption"].text != caption


def test_run_generates_twenty_or_stops(panel: Panel) -> None:
    panel["run"].click()
    assert panel["run"].text == "Stop"
    panel.wait_for(24)
    WebDriverWait(panel.page.browser, 20).until(lambda _: panel["run"].text == "Run 20")
    ids = panel.page.call("gpt.encode", "".join(panel.tokens()[:-1]).replace("\u21b5", "\n"))
    assert len(ids) >= 4
    panel["run"].click()
    panel["run"].click()
    assert panel["run"].text == "Run 20"
    assert len(panel.tokens()) < 24 + 20


def test_attention_of_a_click(panel: Panel) -> None:
    ids = panel.page.call("gpt.encode", PROMPT)
    panel.all(".tokens .token")[3].click()

    def value(token: int) -> float:
        panel.page.browser.execute_script("document.activeElement.blur()")
        panel.all(".tokens .token")[token].send_keys("")  # gives it the focus
        return float(panel["number"].text.split()[-1].replace("\u2212", "-"))

    weights = panel.page.call("gpt.attention", ids, 0)["weights"]
    mean = sum(head[2][1] for head in weights) / len(weights)
    assert value(1) == pytest.approx(mean, abs=6e-4)
    panel["block"].send_keys("2")
    panel["head"].send_keys("3")
    panel["quantity"].send_keys("s")
    scores = panel.page.call("gpt.attention", ids, 2)["scores"]
    assert value(1) == pytest.approx(scores[3][2][1], abs=6e-4)
    assert "attended most to" in panel["attended"].text
    assert math.isfinite(value(2))
    panel.all(".tokens .token")[3].send_keys(Keys.ESCAPE)
    assert "attended most to" not in panel["attended"].text
    panel.all(".tokens .token")[0].send_keys(Keys.ENTER)
    panel.message("Nothing comes before the first token")
    panel.all(".tokens .token")[4].send_keys(Keys.SPACE)
    assert 'The prediction of "?"' in panel["attended"].text


def test_wrong_input_gets_a_sentence(panel: Panel) -> None:
    before = panel.tokens()
    panel.type("")
    panel.message("The prompt is empty")
    assert panel["prompt"].get_attribute("aria-invalid") == "true"
    panel["draw"].click()
    panel.message("The prompt is empty")
    panel.page.run("arguments[0].value = 'x'.repeat(1e6)", panel["prompt"])
    panel["prompt"].send_keys("y")
    panel.message("far too long")
    panel.type("Alice " * 70)
    panel.message("and the model has positions for 64")
    panel["draw"].click()
    panel.message("and the model has positions for 64")
    assert panel.tokens() == before  # the last valid setting is shown
    panel.type("Alice " * 32)  # 64 tokens, if not fewer
    panel.until(lambda: panel.tokens() != before)
    assert panel["message"].text == ""
    before = panel.tokens()
    panel["seed"].send_keys("x.5", Keys.TAB)
    panel.message("seed = 0.5: must be a whole number from 0 to 4294967295")
    panel["draw"].click()
    panel.message("seed = 0.5: must be a whole number")
    assert panel.tokens() == before


def test_generating_stops_at_the_last_position(panel: Panel) -> None:
    panel.type(" Alice" * 63)
    panel.wait_for(63)
    panel["run"].click()
    panel.message("All 64 positions of the model are used")
    panel.wait_for(64)


def test_typing_is_not_kept_waiting(panel: Panel) -> None:
    panel.type(" Alice" * 60)
    panel.wait_for(60)
    panel.page.run(
        "new PerformanceObserver((list) => (window.tasks = [...(window.tasks ?? []), "
        "...list.getEntries().map((e) => e.duration)])).observe({ entryTypes: ['longtask'] })"
    )
    panel["prompt"].send_keys(" was")
    panel.wait_for(61)
    panel["prompt"].send_keys(" not")
    panel.wait_for(62)
    assert max(panel.page.run("return window.tasks") or [0]) < 150
    ids = panel.page.call("gpt.encode", " Alice" * 60 + " was not")
    log_prob = panel.page.call("gpt.logProbs", ids)[-1]
    label = str(panel.all(".tokens .token")[-2].get_attribute("aria-label"))
    assert f"\u2212{-log_prob:.2f}" in label
