"""What `dvc plots` draws: charts and pictures of two revisions, on a page that works offline."""

import json
import shutil
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import vl_convert
from filelock import FileLock
from selenium.webdriver import Chrome

from lab.core.yaml12 import read_yaml
from tests.browser import chromium, requests
from tests.conftest import ROOT, Checkout
from tests.test_dependencies import outputs, stages

pytestmark = pytest.mark.pipeline

CHARTS = {
    name: chart for entry in read_yaml(ROOT / "dvc.yaml")["plots"] for name, chart in entry.items()
}
PICTURES = {
    name for stage in stages().values() for entry in stage.get("plots", []) for name in entry
}
TABLES = {name for stage in stages().values() for name in outputs(stage) if name.endswith(".csv")}
REVISIONS = ["workspace", "before"]


def module(stage: str) -> str:
    return stages()[stage]["cmd"].removeprefix("python -m ")


@pytest.fixture(scope="session")
def two(made_once: Path) -> Checkout:
    """The small pipeline made twice: as the revision `before`, and changed in the workspace."""
    shared = made_once.parent
    done, checkout = shared / "plots.done", Checkout(shared / "plots")
    with FileLock(shared / "plots.lock"):
        if not done.exists():
            shutil.copytree(made_once, checkout.path)
            checkout.run("git", "tag", "before")
            checkout.set("sample_conditional.seed", 11)
            checkout.set("logprob.seed", 4)
            changed = ("sample_conditional", "fig_conditional_samples", "fig_conditional_paths")
            checkout.make(*map(module, (*changed, "logprob", "fig_logprob")))
            checkout.run("python", "-m", "tools.page")
            done.touch()
    return checkout


def marks(svg: str) -> int:
    """The number of points, lines, bars and words in a picture, without its axes and legends."""
    assert "NaN" not in svg
    return sum(
        len(group)
        for group in ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}g")
        if "role-mark" in group.get("class", "")
    )


def of(revision: str, values: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [value for value in values if value["rev"] == revision]


def test_every_chart_shows_both_revisions(two: Checkout) -> None:
    plots = json.loads(two.run("dvc", "plots", "diff", "before", "--json").stdout)
    assert "errors" not in plots
    assert set(plots["data"]) == set(CHARTS) | PICTURES
    for name, chart in CHARTS.items():
        (plot,) = plots["data"][name]
        spec = plot["content"]
        assert spec["title"] == chart["title"]
        assert "<DVC_METRIC" not in json.dumps(spec), f"{name}: not filled in"
        values = spec["data"]["values"]
        both = marks(vl_convert.vegalite_to_svg(spec))
        for revision in REVISIONS:
            spec["data"]["values"] = of(revision, values)
            one = marks(vl_convert.vegalite_to_svg(spec))
            assert 0 < one < both, f"{name}: {revision}"
    for name in PICTURES:
        assert [picture["revisions"] for picture in plots["data"][name]] == [[r] for r in REVISIONS]


YARDSTICKS = {
    "diffusion/loss": ("irreducible", "recommended recipe"),
    "diffusion/excess": ("a perfect fit to the points",),
    "diffusion/std": ("exact denoiser", "exact, matched prior"),
    "classes/loss": ("irreducible",),
    "classes/likelihood": ("equation 9", "full ELBO", "flow"),
    "gpt/loss": ("validation part", "n-gram"),
}


def test_charts_show_the_yardsticks_of_their_curves(two: Checkout) -> None:
    """Each is a line of its own, with a name in the legend."""
    plots = json.loads(two.run("dvc", "plots", "show", "--json", *YARDSTICKS).stdout)["data"]
    for name, lines in YARDSTICKS.items():
        svg = vl_convert.vegalite_to_svg(plots[name][0]["content"])
        words = {text.text for text in ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")}
        assert set(lines) <= words, name


def test_the_border_profile_has_the_truth_in_it(two: Checkout) -> None:
    """Dashed, from 0 outside to 1 inside, beside a line for each class."""
    plots = json.loads(two.run("dvc", "plots", "show", "--json", "classes/borders").stdout)
    spec = plots["data"]["classes/borders"][0]["content"]
    values = spec["data"]["values"]
    assert {value["class"] for value in values} == set("01234")
    truth = [float(value["truth"]) for value in values if value["class"] == "0"]
    assert truth == sorted(truth)
    assert truth[0] == pytest.approx(0, abs=1e-6)
    assert truth[-1] == pytest.approx(1, abs=1e-6)
    svg = ET.fromstring(vl_convert.vegalite_to_svg(spec))
    paths = [path for group in svg.iter("{http://www.w3.org/2000/svg}g")
             if "mark-line role-mark" in group.get("class", "") for path in group]  # fmt: skip
    assert len(paths) == 6
    assert sum("stroke-dasharray" in path.attrib for path in paths) == 1


def test_every_table_is_in_a_chart() -> None:
    # these curves are drawn from other tables, which have their yardsticks, too
    drawn = {f"plots/train_{name}.csv" for name in ("diffusion", "conditional", "gpt")}
    assert TABLES - drawn == {file for chart in CHARTS.values() for file in chart["y"]}


def test_templates_of_lines_differ_by_their_axes_only() -> None:
    def plain(name: str) -> dict[str, Any]:
        spec = json.loads((ROOT / ".dvc" / "plots" / f"{name}.json").read_text(encoding="utf-8"))
        del spec["transform"][2:]
        for axis in "xy":
            kind = spec["encoding"][axis].pop("scale").get("type", "linear")
            spec["encoding"][axis].pop("axis", None)
            assert (kind == "log") == (name.endswith("log_log") or name.endswith(f"log_{axis}"))
        return spec

    assert plain("lines") == plain("lines_log_x") == plain("lines_log_y") == plain("lines_log_log")


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[Chrome]:
    with chromium(tmp_path / "profile") as chrome:
        yield chrome


# what the page shows once all is drawn: the number of marks in each chart, the widths of pictures
SEEN = """
const done = arguments[0], parts = [...document.querySelectorAll('main > div')]
Promise.all(window.charts).then(() => done({
  marks: Object.fromEntries(parts.filter(p => !p.querySelector('img')).map(p =>
    [p.id, p.querySelectorAll('.role-mark > *').length])),
  widths: parts.filter(p => p.querySelector('img')).map(p =>
    [...p.querySelectorAll('img')].map(img => img.complete && img.naturalWidth)),
  headings: [...document.querySelectorAll('h2')].map(h => h.textContent),
}), error => done(String(error)))
"""


def test_the_page_in_a_browser_without_a_network(two: Checkout, browser: Chrome) -> None:
    address = two.run("dvc", "plots", "diff", "before").stdout.strip()
    browser.get(address)
    seen = browser.execute_async_script(SEEN)
    assert isinstance(seen, dict), seen
    assert set(seen["marks"]) == {name.replace("/", "_") for name in CHARTS}
    assert [name for name, count in seen["marks"].items() if not count] == []
    assert len(seen["widths"]) == len(PICTURES)
    assert all(len(widths) == 2 and all(widths) for widths in seen["widths"])
    assert len(seen["headings"]) == 4, "three groups of charts, and the figures"
    assert "More" not in seen["headings"]
    assert [entry["message"] for entry in browser.get_log("browser")] == []
    asked = requests(browser)
    assert address in asked
    assert [url for url in asked if url.startswith(("http", "ws"))] == []
