"""The explorer's panel "Inversion", by mouse and by keyboard, against torch."""

import re
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest
import torch
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.select import Select
from selenium.webdriver.support.wait import WebDriverWait
from torch import Tensor

from lab.example import read_weights
from lookingglass.gpt.inversion import nearest, produced
from lookingglass.gpt.model import GPT
from lookingglass.gpt.recording import Recording
from lookingglass.gpt.weights import load_gpt
from tests.explorer.conftest import SENTENCE, Page

LAST = 30


@pytest.fixture(scope="module")
def gpt() -> GPT:
    """The shipped model with its weights rounded to float16, as in the page."""
    rounded = deepcopy(read_weights("models/gpt.safetensors", load_gpt))
    for weight in rounded.parameters():
        weight.copy_(weight.half())
    return rounded


class Panel:
    """The panel of a page that was opened with a fragment."""

    def __init__(self, page: Page, fragment: str = "") -> None:
        self.page, self.browser = page, page.browser
        self.browser.get_log("browser")  # forgets what came before
        parts = [f"inversion.{part}" for part in fragment.split("&") if part]
        page.open("&".join(["panel=inversion", *parts]))

    def wait(self, condition: Callable[[], Any]) -> None:
        WebDriverWait(self.browser, 20, poll_frequency=0.05).until(lambda _: condition())

    def find(self, css: str) -> WebElement:
        return self.browser.find_element(By.CSS_SELECTOR, f"#inversion {css}")

    def text(self, css: str) -> str:
        return self.find(css).get_property("textContent")

    def texts(self, css: str) -> list[str]:
        """With all their spaces, as the driver's own text would not be."""
        found = self.browser.find_elements(By.CSS_SELECTOR, f"#inversion {css}")
        return [element.get_property("textContent") for element in found]

    def level(self) -> str:
        return self.text(".level")

    def fragment(self, part: str) -> None:
        """Waits until the address has this part."""
        self.wait(lambda: part in self.browser.current_url.partition("#")[2])

    def charts(self) -> list[str]:
        """What the charts show, once they are drawn."""
        self.wait(lambda: len(self.browser.find_elements(By.CSS_SELECTOR, "#inversion svg")) == 2)
        return [self.find(f".{name}-chart").get_property("innerHTML") for name in CHARTS]

    def errors(self) -> list[str]:
        return [entry["message"] for entry in self.browser.get_log("browser")]


CHARTS = ("matches", "loss")


def shown(text: str) -> str:
    """A token as the page shows it."""
    return (text if text.strip(" ") else text.replace(" ", "\u2423")).replace("\n", "\u21b5")


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


def check_shown(panel: Panel, gpt: GPT, place: int, by: str, position: int) -> None:
    """The panel shows the state that the console gives."""
    state = panel.page.call("inversion.at", place)

    def tokens(ids: list[int]) -> list[str]:
        return [shown(gpt.decode(torch.tensor([id]))) for id in ids]

    vectors, near = state["vectors"], state[by]
    assert panel.texts(".says .token") == tokens(vectors["ids"])
    assert panel.texts(".nearest .token") == tokens(near["ids"])
    assert panel.texts(".nearest .number") == [f"{value:.2f}" for value in near["values"]]
    assert panel.texts(".says-nearest .token") == tokens(near["output"]["ids"])
    hits = [id == own for id, own in zip(vectors["ids"], gpt.encode(SENTENCE), strict=True)]
    assert ["✓" in text for text in panel.texts(".says .number")] == hits
    assert panel.text("dd.matches") == f"{vectors['matches']} of 9" == f"{sum(hits)} of 9"
    assert panel.text("dd.nearest-matches") == f"{near['output']['matches']} of 9"
    assert float(panel.text("dd.loss")) == pytest.approx(vectors["loss"], abs=6e-4)
    assert float(panel.text("dd.nearest-loss")) == pytest.approx(near["output"]["loss"], abs=6e-4)
    mean = sum(near["values"]) / 9
    assert float(panel.text("dd.similarity")) == pytest.approx(mean, abs=6e-4)
    log_prob = vectors["logProbs"][position - 1]
    assert float(panel.text("dd.log-prob")) == pytest.approx(log_prob, abs=6e-3)
    around = panel.page.call("inversion.around", place, position - 1, by, 6)
    for name in ("likeliest", "nearest"):
        css = {"likeliest": ".likeliest", "nearest": ".closest"}[name]
        assert panel.texts(f"{css} .token") == tokens([item["id"] for item in around[name]])
    wanted = panel.text("dd.wanted-similarity")
    assert float(wanted) == pytest.approx(around["wanted"], abs=6e-4)


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


def pressed(panel: Panel) -> list[bool]:
    buttons = panel.browser.find_elements(By.CSS_SELECTOR, "#inversion .wanted")
    return [button.get_attribute("aria-pressed") == "true" for button in buttons]


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


def test_charts_mark_the_iteration(page: Page) -> None:
    panel = Panel(page, "step=10")
    charts = panel.charts()
    assert panel.text(".computing") == ""
    for name in CHARTS:
        assert panel.find(f".{name}-chart").accessible_name
        assert len(panel.texts(f".{name}-chart .mark-line path")) == 2
        assert "nearest tokens" in panel.text(f".{name}-chart")
    place = "return document.querySelector('#inversion .loss-chart .mark-rule.role-mark line')"
    place += ".getBoundingClientRect().x"
    before = panel.browser.execute_script(place)
    panel.find(".time").send_keys(Keys.END)
    panel.wait(lambda: panel.browser.execute_script(place) > before + 20)
    assert panel.charts() != charts
    assert panel.errors() == []


def test_a_chart_has_the_losses(page: Page, recording: Recording) -> None:
    panel = Panel(page)
    panel.charts()
    path = str(panel.find(".loss-chart .mark-line path").get_attribute("d"))
    points = [tuple(map(float, pair.split(","))) for pair in re.findall(r"[-\d.]+,[-\d.]+", path)]
    assert len(points) == len(recording.steps)
    losses = [page.call("inversion.at", i)["vectors"]["loss"] for i in range(len(points))]
    slope = (points[-1][1] - points[0][1]) / (losses[-1] - losses[0])
    for (x, y), loss, step in zip(points, losses, recording.steps.tolist(), strict=True):
        assert y == pytest.approx(points[0][1] + slope * (loss - losses[0]), abs=0.1)
        assert x == pytest.approx(points[-1][0] * step / LAST, abs=0.1)


def test_a_link_reopens_the_view(page: Page, gpt: GPT) -> None:
    panel = Panel(page, "step=7&position=3&by=distance")
    check_shown(panel, gpt, 7, "distance", 3)
    panel.find(".time").send_keys(Keys.ARROW_RIGHT)
    panel.fragment("inversion.step=8")
    url = panel.browser.current_url
    panel.browser.get("about:blank")
    page.open(url.partition("#")[2])
    check_shown(panel, gpt, 8, "distance", 3)
    assert panel.browser.current_url == url
    page.browser.get(url.replace("position=3", "position=4"))  # within the same document
    panel.wait(lambda: panel.text(".chosen").startswith("Position 4,"))


def test_an_iteration_that_is_not_recorded(page: Page, gpt: GPT, recording: Recording) -> None:
    """The last one before it is shown."""
    steps = recording.steps.tolist()
    missing = next(step for step in range(LAST) if step not in steps)
    panel = Panel(page, f"step={missing}")
    place = max(i for i, step in enumerate(steps) if step < missing)
    assert panel.level() == f"iteration {steps[place]} of {LAST}"
    assert panel.find(".time").get_property("value") == str(place)
    check_shown(panel, gpt, place, "cosine", 1)


@pytest.mark.parametrize(
    ("fragment", "sentence"),
    [
        ("step=31", "iteration = 31: must be a whole number from 0 to 30"),
        ("step=", "iteration = NaN: must be a whole number from 0 to 30"),
        ("step=1.5", "iteration = 1.5: must be a whole number from 0 to 30"),
        ("position=0", "position = 0: must be a whole number from 1 to 9"),
        ("position=10", "position = 10: must be a whole number from 1 to 9"),
        ("by=toString", "nearest token by = toString: must be one of cosine, distance"),
    ],
)
def test_a_wrong_link_gets_a_sentence(page: Page, fragment: str, sentence: str) -> None:
    panel = Panel(page, fragment)
    assert panel.text(".message").startswith(sentence)
    assert panel.level() == f"iteration 0 of {LAST}"
    assert pressed(panel).index(True) == 0
    assert panel.errors() == []


def test_names_and_narrow_screens(page: Page) -> None:
    panel = Panel(page, "step=20")
    panel.charts()
    controls = "#inversion :is(input, select, button)"
    for control in panel.browser.find_elements(By.CSS_SELECTOR, controls):
        if control.is_displayed():
            assert control.accessible_name, control.get_attribute("outerHTML")
    panel.page.check_narrow()
    assert panel.errors() == []


def test_own_points_change_nothing(own_page: Page, gpt: GPT) -> None:
    panel = Panel(own_page, "step=3")
    check_shown(panel, gpt, 3, "cosine", 1)
    assert panel.errors() == []


def test_a_picture_has_the_sentence_and_the_charts(page: Page) -> None:
    panel = Panel(page, f"step={LAST}")
    panel.charts()
    svg = page.run("""
      const { pictureOf } = await import("explorer/ui/picture.js");
      return pictureOf(document.querySelector("#inversion"));
    """)
    assert svg.count(" squirrel<") >= 2
    assert svg.count(">nearest tokens</text>") == 2
