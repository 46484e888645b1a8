"""Wrong input to the page's diffusion models gets a sentence."""

from typing import Any

import pytest

from tests.explorer.conftest import Page


@pytest.mark.parametrize(
    ("function", "arguments", "message"),
    [
        ("eps", ["exactly", [[0, 0]], 1, None],
         "model = exactly: must be one of exact, diffusion, plain, conditional"),
        ("eps", ["exact", [[0, 0]], 0, None], "sigma = 0: must be a number from"),
        ("eps", ["exact", [[0, None]], 1, None], "points[0] = 0,: must be two finite numbers"),
        ("eps", ["conditional", [[0, 0]], 1, 5], "label = 5: must be a whole number from 0 to 4"),
        ("logDensity", [[[0, 0]], 1, 7], "label = 7: must be a whole number from 0 to 4"),
        ("sample", [{"noise": [[0, 0]], "solver": "toString"}], "solver = toString: must be one"),
        ("sample", [{"noise": [[0, 0]], "schedule": "fast"}], "schedule = fast: must be one of"),
        ("sample", [{"noise": [[0, 0]], "steps": 0}], "steps = 0: must be a whole number from 1"),
        ("sample", [{"noise": [[0, 0]], "eta": 2}], "eta = 2: must be a number from 0 to 1"),
        ("sample", [{"noise": [[0, 0]], "eta": 1, "solver": "dpmpp_2m"}], "eta = 1: needs"),
        ("elbo", [{"point": [0, 0], "draws": 1}], "draws = 1: must be a whole number from 2"),
        ("elbo", [{"point": [0, 0], "prior": "wide"}], "prior = wide: must be one of"),
    ],
)  # fmt: skip
def test_wrong_input_gets_a_sentence(
    page: Page, function: str, arguments: list[Any], message: str
) -> None:
    assert page.call(f"diffusion.{function}", *arguments).startswith(f"RangeError: {message}")
