"""The link and the pipeline's command of the panel "A probe of log p"."""

import shlex
from pathlib import Path
from typing import Any

import pytest
from dvc.utils.hydra import apply_overrides
from selenium.webdriver.common.keys import Keys

from lab.core.params import load
from stages.diffusion.likelihood import Params
from tests.explorer.conftest import Page
from tests.explorer.probe_panel import LABELS, Panel


def test_a_link_reopens_the_view(page: Page) -> None:
    view = {"x": -0.2, "y": 0.9, "prior": "standard", "time": "steps", "steps": 50, "seed": 3}
    panel = Panel(page, **view, label=3)
    panel.done()
    panel.find("canvas").send_keys(Keys.ARROW_RIGHT)
    panel.link(x=-0.1)
    panel.done()
    fragment, rows = panel.fragment(), [panel.row(label) for label in LABELS]
    panel.reopen("")
    panel.done()
    assert [panel.row(label) for label in LABELS] != rows
    panel.page.open(fragment)
    panel.done()
    assert [panel.row(label) for label in LABELS] == rows
    assert panel.fragment() == fragment


@pytest.mark.parametrize(
    ("view", "sentence"),
    [
        ({"x": "a"}, "x = NaN: must be a number from -100 to 100"),
        ({"y": 101}, "y = 101: must be a number from -100 to 100"),
        ({"steps": 0}, "T = 0: must be a whole number from 1 to 100000"),
        ({"seed": -1}, "seed = -1: must be a whole number from 0 to 4294967295"),
        ({"draws": 7}, "draws = 7: must be one of 1024, 8192, 32768, 131072"),
        ({"model": "exact"}, "model = exact: must be one of conditional, diffusion, plain"),
        ({"label": 5}, "shown class = 5: must be one of 0, 1, 2, 3, 4, any"),
        ({"label": 2, "model": "plain"}, "shown class = 2: must be one of any"),
        ({"time": "x"}, "time in the ELBO = x: must be one of continuous, steps"),
        ({"prior": "x"}, "prior = x: must be one of standard, matched"),
    ],
)
def test_a_wrong_link_gets_a_sentence(page: Page, view: dict[str, Any], sentence: str) -> None:
    panel = Panel(page, **view)
    assert panel.message().startswith(sentence)
    assert panel.control("x") == "0.6"
    assert panel.errors() == []


def test_the_command_sets_the_pipelines_points(page: Page, tmp_path: Path) -> None:
    panel = Panel(page, x=0.25, y=-1.5, time="steps", steps=70, seed=5)
    program, *settings = shlex.split(str(panel.find(".command").get_property("value")))
    assert [program, *settings[:2]] == ["dvc", "exp", "run"]
    assert set(settings[2::2]) == {"-S"}
    path = tmp_path / "params.yaml"
    path.write_bytes(Path("params.yaml").read_bytes())
    apply_overrides(path, settings[3::2])
    params = load("likelihood", Params, path)
    assert params.points[:5] == [[0.25, -1.5, label] for label in range(5)]
    assert (params.draws, params.steps, params.seed, params.sobol) == (1024, 70, 5, False)
