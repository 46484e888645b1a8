"""The explorer in headless Chromium, opened from a file, with the shipped networks."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from selenium.webdriver import Chrome
from selenium.webdriver.support.wait import WebDriverWait
from torch import Tensor

from lab.data.tokens import excerpt, tokenise
from lab.example import read_weights
from lab.page.diffusion import pack_diffusion
from lab.page.gpt import pack_gpt
from lab.page.inversion import pack_inversion
from lookingglass.diffusion.regions import classify
from lookingglass.diffusion.truth import SQUARE, UniformBox
from lookingglass.diffusion.weights import Network, load_denoiser
from lookingglass.gpt.inversion import invert, iterate
from lookingglass.gpt.model import GPT
from lookingglass.gpt.recording import Recording, record
from lookingglass.gpt.weights import load_gpt
from stages.diffusion.classes import load_regions
from stages.explorer import NETWORKS, render
from tests.browser import chromium
from tests.explorer.diffusion_reference import denoisers, schedule  # noqa: F401
from tests.explorer.gpt_in_node import js  # noqa: F401
from tests.explorer.gpt_reference import original  # noqa: F401

# so that what fails in them says how
pytest.register_assert_rewrite("tests.explorer.gpt_effects", "tests.explorer.inversion_panel")

SENTENCE = "I am a little squirrel holding a walnut"

RUN = """
const done = arguments[arguments.length - 1]
const call = async (...arguments) => { SCRIPT }
call(...[...arguments].slice(0, -1)).then(
  (result) => done(JSON.stringify(result ?? null)),
  (error) => done(JSON.stringify(String(error))),
)
"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Of each test of a panel, `make test` runs the first case, and `make test-long` all others."""
    seen = set()
    for item in items:
        if item.path.name.startswith("test_ui_"):
            test = item.nodeid.partition("[")[0]
            if test in seen:
                item.add_marker(pytest.mark.long)
            seen.add(test)


@dataclass(frozen=True)
class Page:
    """A page of the explorer in a browser, which other pages may use, too."""

    browser: Chrome
    address: str

    def open(self, fragment: str = "") -> None:
        """Load it anew, with this view, and wait until it is ready."""
        self.browser.get("about:blank")  # or else a link within the same document is followed
        self.browser.get(f"{self.address}#{fragment}")
        ready = "return document.documentElement.dataset.ready"
        WebDriverWait(self.browser, 20).until(lambda browser: browser.execute_script(ready))

    def run(self, script: str, *arguments: Any) -> Any:
        """What an asynchronous function with this body returns, or the message of its error."""
        if self.browser.current_url.partition("#")[0] != self.address:  # panels write the fragment
            self.open()
        code = RUN.replace("SCRIPT", script)
        # one string, because the driver is slow with large nested arrays
        return json.loads(self.browser.execute_async_script(code, *arguments))

    def check_narrow(self) -> None:
        """Nothing is wider than a phone's 360 px, once charts are drawn for that width."""
        metrics = {"width": 360, "height": 800, "deviceScaleFactor": 1, "mobile": True}
        width = "return document.documentElement.scrollWidth"
        self.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        try:
            WebDriverWait(self.browser, 20).until(lambda b: b.execute_script(width) == 360)
        finally:
            self.browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})

    def call(self, function: str, *arguments: Any) -> Any:
        """The result of a function of window.lookingGlass, such as diffusion.eps."""
        return self.run(f"return window.lookingGlass.{function}(...arguments)", *arguments)


@pytest.fixture(scope="session")
def networks() -> dict[str, Network]:
    """The shipped denoisers, by name."""
    return {name: read_weights(path, load_denoiser) for name, path in NETWORKS.items()}


@pytest.fixture(scope="session")
def regions() -> list[UniformBox]:
    """The regions of the classes."""
    return load_regions()


@pytest.fixture(scope="session")
def points() -> Tensor:
    """The data that the page has."""
    return SQUARE.sample(300, torch.Generator().manual_seed(0))


@pytest.fixture(scope="session")
def gpt() -> GPT:
    """The shipped model with its matrices rounded to float16, as in the page."""
    rounded = read_weights("models/gpt.safetensors", load_gpt)
    for weight in rounded.parameters():
        weight.data.copy_(weight.half() if weight.ndim == 2 else weight)
    return rounded


@pytest.fixture(scope="session")
def training(gpt: GPT, downloads: Path) -> Tensor:
    """The ids of the book's training part."""
    book = (downloads / "alice.txt").read_bytes()
    parts = tokenise([book.decode()], gpt.vocabulary.table, training=0.85, validation=0.05)
    return excerpt(parts["train"])


@pytest.fixture(scope="session")
def packed_gpt(training: Tensor) -> dict[str, Any]:
    """The shipped GPT and the text that its n-gram model counts, for the page."""
    return pack_gpt(read_weights("models/gpt.safetensors", load_gpt), training, 5)


@pytest.fixture(scope="session")
def recording() -> Recording:
    """A short inversion of the shipped GPT."""
    gpt = read_weights("models/gpt.safetensors", load_gpt)

    def options() -> dict[str, Any]:
        generator = torch.Generator().manual_seed(0)
        return {"restarts": 2, "steps": 30, "learning_rate": 0.3, "generator": generator}

    ids = gpt.encode(SENTENCE)
    return record(iterate(gpt, ids, **options()), invert(gpt, ids, **options()))


@pytest.fixture(scope="session")
def packed_inversion(recording: Recording) -> dict[str, Any]:
    """The inversion, for the page."""
    ids = read_weights("models/gpt.safetensors", load_gpt).encode(SENTENCE).numpy()
    arrays = {"steps": recording.steps.numpy(), "vectors": recording.vectors.numpy()}
    return pack_inversion({"restart": np.array(recording.restart), "ids": ids, **arrays})


@pytest.fixture(scope="session")
def page_of(
    networks: dict[str, Network],
    regions: list[UniformBox],
    points: Tensor,
    packed_gpt: dict[str, Any],
    packed_inversion: dict[str, Any],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Callable[..., Page]]:
    """A function that gives the explorer of the square, or of the points as a user's own.

    Networks by name take the place of those that are shipped.
    """
    folder = tmp_path_factory.mktemp("explorer")
    corners = np.array([[*region.low, *region.high] for region in regions])
    labels = classify(points, regions).numpy()

    with chromium(folder / "profile") as browser:

        def make(square: bool, **others: Network) -> Page:
            shown = {**networks, **others}
            data = pack_diffusion(shown, points.numpy(), labels, corners, square=square)
            path = folder / f"explorer_{'_'.join([str(square), *others])}.html"
            halves = {"diffusion": data, "gpt": packed_gpt, "inversion": packed_inversion}
            path.write_bytes(render(halves))
            return Page(browser, path.as_uri())

        yield make


@pytest.fixture(scope="session")
def page(page_of: Callable[..., Page]) -> Page:
    """The explorer of the square."""
    return page_of(True)


@pytest.fixture(scope="session")
def own_page(page_of: Callable[..., Page]) -> Page:
    """The explorer of points of a user's own."""
    return page_of(False)
