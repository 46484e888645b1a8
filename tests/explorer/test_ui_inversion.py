"""The explorer's panel "Inversion", by mouse and by keyboard, against torch."""

from typing import Any

import pytest
import torch
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.select import Select
from torch import Tensor

from lookingglass.gpt.inversion import nearest, produced
from lookingglass.gpt.model import GPT
from lookingglass.gpt.recording import Recording
from tests.explorer.conftest import SENTENCE, Page
from tests.explorer.inversion_panel import LAST, Panel, check_shown, pressed


def check_output(given: dict[str, Any], gpt: GPT, ids: Tensor, logits: Tensor) -> None:
    """What the page says that the model says, against torch."""
    log_p = logits.log_softmax(dim=-1)[:, gpt.row] + gpt.log_prior
    said = torch.tensor(given["ids"])
    at = torch.arange(len(ids))
    assert said.tolist() == log_p.argmax(dim=-1).tolist()
    torch.testing.assert_close(torch.tensor(given["probs"]), log_p[at, said].exp(), **CLOSE)
    torch.testing.assert_close(torch.tensor(given["logProbs"]), log_p[at, ids], **CLOSE)
    assert given["matches"] == int((said == ids).sum())
    assert given["loss"] == pytest.approx(-float(log_p[at, ids].mean()), rel=1e-4)


CLOSE: dict[str, Any] = {"rtol": 1e-4, "atol": 1e-4}


@pytest.mark.parametrize("place", [0, 3, -1])
def test_states_are_those_of_torch(page: Page, gpt: GPT, recording: Recording, place: int) -> None:
    ids = gpt.encode(SENTENCE)
    place %= len(recording.steps)
    vectors = recording.vectors[place].float()
    state = page.call("inversion.at", place)
    assert state["step"] == recording.steps[place]
    check_output(state["vectors"], gpt, ids, gpt(embeddings=vectors[None])[0])
    assert state["vectors"]["ids"] == produced(gpt, embeddings=vectors[None])[0].tolist()
    near = nearest(gpt, vectors)
    for by, tokens, values in (
        ("cosine", near.cosine_ids, near.cosine),
        ("distance", near.ids, near.distance),
    ):
        assert state[by]["ids"] == tokens.tolist()
        torch.testing.assert_close(torch.tensor(state[by]["values"]), values, **CLOSE)
        check_output(state[by]["output"], gpt, ids, gpt(tokens[None])[0])


@pytest.mark.parametrize("by", ["cosine", "distance"])
def test_what_is_around_a_vector_is_that_of_torch(
    page: Page, gpt: GPT, recording: Recording, by: str
) -> None:
    around = page.call("inversion.around", 5, 4, by, 6)
    vectors = recording.vectors[5].float()
    probs = gpt(embeddings=vectors[None])[0, 4].softmax(dim=-1)[gpt.row] * gpt.log_prior.exp()
    top = probs.topk(6)
    assert [item["id"] for item in around["likeliest"]] == top.indices.tolist()
    given = torch.tensor([item["value"] for item in around["likeliest"]])
    torch.testing.assert_close(given, top.values, **CLOSE)

    every = gpt.token_embedding.weight
    if by == "cosine":
        values = torch.cosine_similarity(every, vectors[4][None], dim=1)
    else:
        values = -(every - vectors[4]).norm(dim=1)
    best = values.topk(6)
    assert gpt.row[[item["id"] for item in around["nearest"]]].tolist() == best.indices.tolist()
    given = torch.tensor([item["value"] for item in around["nearest"]])
    torch.testing.assert_close(given, best.values.abs(), **CLOSE)
    wanted = float(values[gpt.row[gpt.encode(SENTENCE)[4]]])
    assert abs(around["wanted"]) == pytest.approx(abs(wanted), rel=1e-3)


def test_the_iteration_by_keyboard(page: Page, gpt: GPT, recording: Recording) -> None:
    panel = Panel(page)
    assert panel.texts(".wanted") == [gpt.decode(id[None]) for id in gpt.encode(SENTENCE)]
    assert panel.level() == f"iteration 0 of {LAST}"
    check_shown(panel, gpt, 0, "cosine", 1)
    assert not panel.find(".pipeline").is_displayed()
    panel.find(".time").send_keys(Keys.ARROW_RIGHT, Keys.ARROW_RIGHT)
    panel.fragment("inversion.step=2")
    check_shown(panel, gpt, 2, "cosine", 1)
    panel.find(".time").send_keys(Keys.END)
    panel.fragment(f"inversion.step={LAST}")
    assert panel.level() == f"iteration {LAST} of {LAST}"
    assert panel.find(".time").get_attribute("aria-valuetext") == panel.level()
    check_shown(panel, gpt, len(recording.steps) - 1, "cosine", 1)
    command = f"dvc exp run -S invert.steps={LAST}"
    assert panel.find(".command").get_property("value") == command
    assert panel.errors() == []


def test_nearest_by_distance(page: Page, gpt: GPT) -> None:
    panel = Panel(page, "step=6&position=5")
    check_shown(panel, gpt, 6, "cosine", 5)
    charts = panel.charts()
    name = panel.text(".similarity-name"), panel.text(".wanted-name")
    Select(panel.find("[name=by]")).select_by_value("distance")
    panel.fragment("inversion.by=distance")
    check_shown(panel, gpt, 6, "distance", 5)
    assert name[0] != panel.text(".similarity-name")
    assert name[1] != panel.text(".wanted-name")
    panel.wait(lambda: panel.charts()[1] != charts[1])
    assert panel.errors() == []


def test_positions_by_mouse_and_keyboard(page: Page, gpt: GPT) -> None:
    panel = Panel(page, "step=4")
    assert pressed(panel).index(True) == 0
    panel.browser.find_elements(By.CSS_SELECTOR, "#inversion .wanted")[4].click()
    panel.fragment("inversion.position=5")
    assert panel.text(".chosen") == "Position 5, wanted: “ squirrel”"
    check_shown(panel, gpt, 4, "cosine", 5)
    for key, position in (
        (Keys.ARROW_RIGHT, 6), (Keys.ARROW_DOWN, 7), (Keys.ARROW_LEFT, 6), (Keys.ARROW_UP, 5),
        (Keys.END, 9), (Keys.ARROW_RIGHT, 9), (Keys.HOME, 1), (Keys.ARROW_LEFT, 1),
    ):  # fmt: skip
        panel.browser.switch_to.active_element.send_keys(key)
        assert pressed(panel) == [i == position - 1 for i in range(9)]
        assert panel.text(".chosen").startswith(f"Position {position},")
    stops = panel.browser.find_elements(By.CSS_SELECTOR, "#inversion .wanted[tabindex='0']")
    assert len(stops) == 1
    assert panel.errors() == []


def test_the_colour_follows_the_log_probability(page: Page) -> None:
    panel = Panel(page, f"step={LAST}")
    log_probs = panel.page.call("inversion.at", 0)["vectors"]["logProbs"]
    shade = "return [...document.querySelectorAll('#inversion .wanted')].map((b) => parseFloat("
    shade += "b.style.getPropertyValue('--shade')))"
    last = panel.browser.execute_script(shade)
    panel.find(".time").send_keys(Keys.HOME)
    panel.wait(lambda: panel.level().startswith("iteration 0 "))
    first = panel.browser.execute_script(shade)
    assert first == [pytest.approx(max(0, 100 * (1 + value / 8)), abs=0.51) for value in log_probs]
    assert sum(last) > sum(first) + 100
    labels = panel.browser.find_elements(By.CSS_SELECTOR, "#inversion .wanted")
    assert labels[1].accessible_name == (f" am, position 2: log-probability {log_probs[1]:.2f}")


def test_play_and_pause(page: Page) -> None:
    panel = Panel(page)
    play = panel.find(".play")
    assert play.text == "Play"
    play.click()
    assert play.text == "Pause"
    panel.wait(lambda: panel.level().split()[1] not in {"0", "1"})
    play.send_keys(Keys.SPACE)
    assert play.text == "Play"
    level = panel.level()
    panel.fragment(f"inversion.step={level.split()[1]}")
    assert panel.level() == level
    play.click()
    panel.wait(lambda: panel.level() == f"iteration {LAST} of {LAST}")
    panel.wait(lambda: play.text == "Play")
    assert panel.errors() == []


def test_without_motion_play_goes_to_the_end(page: Page) -> None:
    features = {"features": [{"name": "prefers-reduced-motion", "value": "reduce"}]}
    page.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", features)
    try:
        panel = Panel(page)
        panel.find(".play").click()
        assert panel.level() == f"iteration {LAST} of {LAST}"
        assert panel.find(".play").text == "Play"
    finally:
        page.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
