"""Links to the panel "The GPT", and the pipeline's command for its view."""

import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from dvc.utils.hydra import apply_overrides
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.select import Select

from stages.gpt.attention import Params
from tests.conftest import ROOT
from tests.explorer.conftest import Page
from tests.explorer.gpt_effects import CHOSEN, OPEN, TEXT, head, opened
from tests.explorer.gpt_panel import Panel

panel = pytest.fixture(opened)


def split(command: str) -> list[str]:
    """A command's words, by the shell."""
    script = ["bash", "-c", f"printf '%s\\0' {command}"]
    return subprocess.run(script, capture_output=True, encoding="utf-8").stdout.split("\0")[:-1]


def test_a_link_reopens_the_view(panel: Panel) -> None:
    panel["seed"].send_keys(Keys.CONTROL, "a", Keys.NULL, "5", Keys.TAB)
    panel["draw"].click()
    panel.wait_for(10)
    panel["temperature"].send_keys(Keys.HOME)
    panel.until(lambda: panel["temperature-value"].text == "0.00")
    panel["draw"].click()
    panel.wait_for(11)
    panel["topK"].send_keys(Keys.ARROW_LEFT)
    panel.all(".tokens .token")[9].click()
    head(panel, 1, 1).click()
    panel["pick"].click()
    panel.all(".tokens .token")[2].click()
    panel["by"].send_keys(Keys.CONTROL, "a", Keys.NULL, " of", Keys.ENTER)
    Select(panel["block"]).select_by_value("2")
    Select(panel["head"]).select_by_value("3")
    Select(panel["quantity"]).select_by_value("score")
    panel.fragment("gpt.quantity=score")

    def shown() -> list[Any]:
        panel.number("correlation")
        names = ["seed", "temperature", "topK", "block", "head", "quantity", "by", "prompt"]
        return [
            [panel[name].get_property("value") for name in names],
            panel.tokens(),
            panel.text(":is(dd, td, .attended, .altered, .die-caption, .picked-token)"),
            [chip.get_attribute("style") for chip in panel.all(".tokens .token")],
        ]

    before = shown()
    link = panel.page.browser.current_url.partition("#")[2]
    panel.page.open(link)
    assert shown() == before
    assert panel.page.browser.current_url.partition("#")[2] == link


@pytest.mark.parametrize(
    ("part", "sentence"),
    [
        ("prompt=", "The prompt is empty"),
        ("prompt=" + "Alice+" * 70, "tokens, and the model has positions for 64"),
        ("drawn=50257", "drawn: must be ids of tokens, from 0 to 50256"),
        ("drawn=1,,2", "drawn: must be ids"),
        ("drawn=" + ",".join(["1"] * 60), "drawn: must be ids"),
        ("seed=-1", "seed = -1: must be a whole number"),
        ("temperature=2.5", "temperature = 2.5: must be a number from 0 to 2"),
        ("topK=0", "top-k = 0: must be a whole number"),
        ("chosen=99", "chosen token = 99: must be a whole number from -1 to 9"),
        ("chosen=0", "Nothing comes before the first token"),
        ("block=4", "block = 4: must be one of 0, 1, 2, 3"),
        ("head=x", "head = x: must be one of"),
        ("quantity=x", "quantity = x: must be one of weight, score"),
        ("silenced=0.9", "silenced: must be a list"),
        ("silenced=4.0", "silenced: must be a list"),
        ("silenced=1.1,1.1", "silenced: must be a list"),
        ("silenced=1.1.1", "silenced: must be a list"),
        ("at=9", "replaced token = 9: must be a whole number"),
        ("by=cat", "there is no token that it could replace"),
        ("at=2&gpt.by=squirrels", "tokens, and must be one"),
        ("replacements=x", "replacements of each token = NaN: must be a whole number"),
    ],
)
def test_a_badly_edited_link_gets_a_sentence(page: Page, part: str, sentence: str) -> None:
    page.browser.get_log("browser")
    given = "" if part.startswith("prompt") else f"&gpt.prompt={TEXT}"
    page.open(f"panel=gpt{given}&gpt.{part}")
    panel = Panel(page)
    panel.message(sentence)
    assert panel["message"].text.endswith("The last valid setting is shown.")
    panel.wait_for(12)  # the first view
    assert page.browser.get_log("browser") == []


@pytest.mark.parametrize("prompt", [TEXT, 'It\'s "${x}"\\, so', "two\nlines\\"])
def test_the_pipeline_takes_the_command(page: Page, tmp_path: Path, prompt: str) -> None:
    page.open("panel=gpt")
    panel = Panel(page)
    panel.page.run(
        "arguments[0].value = arguments[1]; arguments[0].dispatchEvent(new Event('input'))",
        panel["prompt"],
        prompt,
    )
    panel.until(lambda: prompt.split()[0] in "".join(panel.tokens()))
    panel["run"].click()
    panel.until(lambda: len(panel.all(".generated")) == 20)
    panel["temperature"].send_keys(Keys.HOME)
    panel.until(lambda: "generate.temperature=0 " in panel["command"].get_property("value"))

    def parameters(section: str) -> dict[str, Any]:
        command = split(panel["command"].get_property("value"))
        assert command[:3] == ["dvc", "exp", "run"]
        assert command[3::2] == ["-S"] * len(command[4::2])
        path = tmp_path / "params.yaml"
        path.write_bytes((ROOT / "params.yaml").read_bytes())
        apply_overrides(path, command[4::2])
        found: dict[str, Any] = yaml.safe_load(path.read_text())[section]
        return found

    expected = {"prompt": prompt, "tokens": 20, "temperature": 0, "top_k": 50257, "seed": 0}
    assert parameters("generate") == expected


def test_the_pipeline_explains_a_generated_word(panel: Panel, tmp_path: Path) -> None:
    ids = ",".join(map(str, panel.page.call("gpt.encode", " the King said")))
    panel.page.open(f"{OPEN}&gpt.drawn={ids}&gpt.chosen=10")
    panel.until(lambda: "attention.word=10 " in panel["command"].get_property("value"))
    overrides = split(panel["command"].get_property("value"))[4::2]
    path = tmp_path / "params.yaml"
    path.write_bytes((ROOT / "params.yaml").read_bytes())
    apply_overrides(path, overrides)
    params = Params.model_validate(yaml.safe_load(path.read_text())["attention"])
    assert (params.prompt, params.word, params.replacements) == (TEXT, 10, 10)
    panel.all(".tokens .token")[3].click()
    panel.until(lambda: panel["no-pipeline"].is_displayed())
    assert not panel["command"].is_displayed()


def test_names_and_narrow_screens(panel: Panel) -> None:
    panel.all(".tokens .token")[CHOSEN].click()
    panel.until(lambda: panel.all(".scatter svg"))
    for control in panel.all(":is(input, select, button, textarea)"):
        if control.is_displayed():
            assert control.accessible_name, control.get_attribute("outerHTML")
    panel.page.check_narrow()
