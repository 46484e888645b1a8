"""The explorer as a file: it opens without a network, forbids any connection, and plays."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from selenium.webdriver.common.by import By
from selenium.webdriver.support.wait import WebDriverWait

from lab.page.bundle import bundle, modules
from lab.page.diffusion import pack_diffusion
from lab.page.pack import pack
from lookingglass.diffusion.weights import Network, load_denoiser
from stages.explorer import NETWORKS, render
from tests.browser import requests
from tests.conftest import Checkout
from tests.explorer.conftest import Page

ARRAYS = {
    "uint8": [[0, 255]],
    "uint16": [65535, 1],
    "uint32": [2**32 - 1],
    "int32": [-(2**31), 7],
    "float16": [0.0, -0.5, 65504, 2**-24, 1.0009765625, -(2**-14)],
    "float32": [1e-40, 3.4e38],
    "float64": [0.1, -1e300],
}


def test_it_opens_without_a_request_or_an_error(page: Page) -> None:
    for kind in ("browser", "performance"):  # forget what came before
        page.browser.get_log(kind)
    page.open()
    assert page.browser.title == "Looking Glass: the explorer"
    assert [entry["message"] for entry in page.browser.get_log("browser")] == []
    asked = requests(page.browser)
    assert asked[0] == page.address
    assert {url.split(":")[0] for url in asked[1:]} <= {"data"}


@pytest.mark.pipeline
def test_the_pipeline_makes_the_page_of_its_own_models(made: Checkout, page: Page) -> None:
    of_pipeline = Page(page.browser, (made.path / "plots" / "explorer.html").as_uri())
    x = torch.tensor([[0.3, -0.9], [1.5, 0.1]])
    for name, path in NETWORKS.items():
        given = of_pipeline.call("diffusion.eps", name, x.tolist(), 0.2, None)
        right = load_denoiser(made.path / path)(x, 0.2)
        torch.testing.assert_close(torch.tensor(given), right, rtol=1e-5, atol=1e-5)


def test_of_many_own_points_the_page_says_how_many_it_has(
    page: Page,
    networks: dict[str, Network],
    packed_gpt: dict[str, Any],
    packed_inversion: dict[str, Any],
    tmp_path: Path,
) -> None:
    points, labels = np.random.default_rng(0).normal(size=(3001, 2)), np.zeros(3001)
    data = pack_diffusion(networks, points, labels, np.array([[-1, -1, 1, 1]]), square=False)
    path = tmp_path / "explorer.html"
    halves = {"diffusion": data, "gpt": packed_gpt, "inversion": packed_inversion}
    path.write_bytes(render(halves))
    thinned = Page(page.browser, path.as_uri())
    thinned.open()
    note = thinned.browser.find_element(By.CLASS_NAME, "thinned")
    assert "on your 3001 points. This page has 1501 of them" in note.text
    page.open()
    assert not page.browser.find_element(By.CLASS_NAME, "thinned").is_displayed()


def test_its_policy_forbids_any_connection(page: Page) -> None:
    refused = page.run("await fetch('data:,'); return 'connected'")
    assert refused.startswith("TypeError")
    policy = page.run("return document.querySelector('meta[http-equiv]').content")
    assert "default-src 'none'" in policy
    assert "connect-src 'none'" in policy
    assert "unsafe-eval" not in policy
    assert page.browser.get_log("browser"), "the browser says what it refused"


def test_play_scrub_and_new_noise(page: Page) -> None:
    page.open()
    play, time, redraw = (
        page.browser.find_element(By.CLASS_NAME, name) for name in ("play", "time", "redraw")
    )
    canvases = "[...document.querySelectorAll('#noise-to-data canvas')]"
    picture = f"return {canvases}.map((c) => c.toDataURL())"
    noise = page.run(picture)
    play.click()
    assert play.text == "Pause"
    WebDriverWait(page.browser, 20).until(lambda _: time.get_property("value") == "50")
    assert play.text == "Play"
    data = page.run(picture)
    assert data[0] != data[1]
    assert set(data).isdisjoint(noise)
    page.run("arguments[0].value = 0; arguments[0].dispatchEvent(new Event('input'))", time)
    assert page.run(picture) == noise
    redraw.click()
    assert set(page.run(picture)).isdisjoint(noise)


@pytest.mark.parametrize("dtype", ARRAYS)
def test_the_page_unpacks_what_python_packs(page: Page, dtype: str) -> None:
    array = np.array(ARRAYS[dtype], dtype=dtype)
    script = """
        const { unpack } = await import("explorer/lib/arrays.js")
        const [{ shape, data }] = (await unpack(arguments[0])).list
        return [shape, [...data], data.constructor.name]
    """
    shape, numbers, kind = page.run(script, {"list": pack([array])})
    assert shape == list(array.shape)
    assert numbers == array.ravel().astype(float).tolist()
    assert kind == {"float16": "Float32Array"}.get(dtype, f"{dtype.capitalize()}Array")


def test_packing_is_deterministic_and_refuses_what_the_page_cannot_read() -> None:
    assert pack(np.arange(1000)[::2].astype("int32")) == pack(np.arange(0, 1000, 2, dtype="int32"))
    with pytest.raises(TypeError, match="an array of complex128: must be one of uint8"):
        pack({"z": np.array([1j])})


def test_of_many_points_a_part_is_packed(networks: dict[str, Network]) -> None:
    points = np.random.default_rng(0).uniform(-1, 1, (12_001, 2))
    data = pack_diffusion(
        networks, points, np.zeros(12_001, int), np.array([[-1, -1, 1, 1]]), square=False
    )
    assert data["count"] == 12_001
    assert data["points"].shape == (2401, 2)
    assert data["labels"].shape == (2401,)


def test_no_text_in_the_data_ends_its_element() -> None:
    page = bundle(
        "<i>{style}|<!-- panel a -->|{data}|{importmap}</i>",
        style="{data}",
        panels={"a": "{style}"},
        sources={},
        data="</script>",
    )
    assert page == '<i>{data}|{style}|"\\u003c/script>"|{"imports":{}}</i>'


def test_every_module_of_the_page_is_reached() -> None:
    sources = modules("explorer/main.js")
    assert "explorer/lib/diffusion/schedule.js" in sources
    assert all(
        'from "./' not in source and 'from "../' not in source for source in sources.values()
    )


def test_random_numbers_are_normal_and_determined_by_the_seed(page: Page) -> None:
    script = """
        const { makeRandom } = await import("explorer/lib/random.js")
        return arguments.map((seed) => [...makeRandom(seed).normals(50_000)])
    """
    first, again, other = page.run(script, 1, 1, 2)
    assert first == again
    for numbers in (np.array(first), np.array(other)):
        # within five standard errors
        assert numbers.mean() == pytest.approx(0, abs=5 / 50_000**0.5)
        assert (numbers**2).mean() == pytest.approx(1, abs=5 * (2 / 50_000) ** 0.5)
        assert (numbers**4).mean() == pytest.approx(3, abs=5 * (96 / 50_000) ** 0.5)
        assert np.corrcoef(numbers[1:], numbers[:-1])[0, 1] == pytest.approx(0, abs=0.025)
    assert np.corrcoef(first, other)[0, 1] == pytest.approx(0, abs=0.025)
