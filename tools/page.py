"""Make the HTML template of `dvc plots`, with Vega included, so that it works offline.

DVC's own template loads Vega from the web; `.dvc/config` names this one as plots.html_template.
"""

from pathlib import Path

import vl_convert

from lab.core.artifacts import write_bytes
from lab.core.entry import run

PAGE = ".dvc/plots/page.html"


def main() -> None:
    page = Path(__file__).with_suffix(".html").read_text(encoding="utf-8")
    vega = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed").replace(
        "</script", "<\\/script"
    )
    write_bytes(PAGE, page.replace("{vega}", vega).encode())
    print(f"-> {PAGE}, the template of `dvc plots show` and `dvc plots diff`")


if __name__ == "__main__":
    run(main)
