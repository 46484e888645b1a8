"""The explorer as a file: it opens without a network, forbids any connection, and plays."""

import numpy as np
import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.support.wait import WebDriverWait

from lab.page.bundle import bundle, modules
from lab.page.pack import pack
from tests.browser import requests
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
    page.browser.get_log("browser"), page.browser.get_log("performance")
    page.open()
    assert page.browser.title == "Looking Glass: the explorer"
    assert [entry["message"] for entry in page.browser.get_log("browser")] == []
    asked = requests(page.browser)
    assert asked[0] == page.address
    assert {url.split(":")[0] for url in asked[1:]} <= {"data"}


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
    picture = "return [...document.querySelectorAll('canvas')].map((c) => c.toDataURL())"
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


def test_no_text_in_the_data_ends_its_element() -> None:
    page = bundle("<i>{style}|{data}|{importmap}</i>", style="{data}", sources={}, data="</script>")
    assert page == '<i>{data}|"\\u003c/script>"|{"imports":{}}</i>'


def test_every_module_of_the_page_is_reached() -> None:
    sources = modules("explorer/main.js")
    assert "explorer/lib/diffusion/schedule.js" in sources
    assert all(
        'from "./' not in source and 'from "../' not in source for source in sources.values()
    )
