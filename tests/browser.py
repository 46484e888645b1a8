"""Headless Chromium for tests of pages."""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service


@contextmanager
def chromium(profile: Path, *arguments: str) -> Iterator[Chrome]:
    """Chromium that cannot look up the name of any other machine; skips the test without it."""
    programs = {name: shutil.which(name) or "" for name in ("chromium", "chromedriver")}
    if missing := [name for name, path in programs.items() if not path]:
        pytest.skip(f"no {' and no '.join(missing)}: on Debian, packages chromium, chromium-driver")
    options = ChromeOptions()
    options.binary_location = programs["chromium"]
    for argument in (
        "headless=new", "disable-gpu", "no-first-run", "disable-background-networking",
        "disable-component-update", "disable-sync", f"user-data-dir={profile}",
        "host-resolver-rules=MAP * ~NOTFOUND", "disable-dev-shm-usage",
        "disable-features=BackForwardCache",  # it would keep many pages in memory
        *arguments,
    ):  # fmt: skip
        options.add_argument(f"--{argument}")
    if os.geteuid() == 0:
        options.add_argument("--no-sandbox")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    chrome = Chrome(options, Service(programs["chromedriver"]))
    try:
        yield chrome
    finally:
        chrome.quit()


def requests(browser: Chrome) -> list[str]:
    """The URLs that the browser requested."""
    messages = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]  # type: ignore[no-untyped-call]
    return [
        message["params"]["request"]["url"]
        for message in messages
        if message["method"] == "Network.requestWillBeSent"
    ]
