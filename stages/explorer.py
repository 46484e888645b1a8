"""The explorer: one page that runs the trained models in the browser, beside the exact truth.

It opens by double click and needs no network. Its sources are in explorer/.
"""

from pathlib import Path
from typing import Any

import numpy as np
import vl_convert
from pydantic import ConfigDict

from lab.core.artifacts import read_arrays, write_bytes
from lab.core.entry import run
from lab.core.params import Section, load
from lab.data.origin import of_square
from lab.data.tokens import excerpt, read_tokens
from lab.page.bundle import bundle, modules, read_text
from lab.page.diffusion import pack_diffusion
from lab.page.gpt import pack_gpt
from lab.page.inversion import pack_inversion
from lab.page.pack import pack
from lookingglass.diffusion.weights import load_denoiser
from lookingglass.gpt.weights import load_gpt

OUTPUT = "plots/explorer.html"
NETWORKS = {
    "diffusion": "models/diffusion.safetensors",
    "plain": "models/plain.safetensors",
    "conditional": "models/conditional.safetensors",
}


class Ngram(Section):
    """The n-gram model's section, which its stage checks."""

    model_config = ConfigDict(extra="ignore")

    order: int


def render(data: dict[str, Any]) -> bytes:
    """The page with this data, a tree of arrays by half, and the program that draws its charts."""
    vega = vl_convert.javascript_bundle("export { vegaEmbed }").encode()
    folders = sorted(path.parent for path in Path("explorer/panels").glob("*/panel.html"))
    styles = [Path("explorer/base.css"), *(folder / "panel.css" for folder in folders)]
    page = bundle(
        read_text("explorer/page.html"),
        style="\n".join(map(read_text, styles)),
        panels={folder.name: read_text(folder / "panel.html") for folder in folders},
        sources=modules("explorer/main.js"),
        data=pack({**data, "vega": np.frombuffer(vega, np.uint8)}),
    )
    return page.encode()


def main() -> None:
    classes = read_arrays("data/classes.npz")
    diffusion = pack_diffusion(
        {name: load_denoiser(path) for name, path in NETWORKS.items()},
        read_arrays("data/points.npz")["points"],
        classes["labels"],
        classes["regions"],
        square=of_square(),
    )
    gpt = pack_gpt(
        load_gpt("models/gpt.safetensors"),
        excerpt(read_tokens("data/tokens.npz")["train"]),
        load("ngram", Ngram).order,
    )
    inversion = pack_inversion(read_arrays("data/inversion.npz"))
    page = render({"diffusion": diffusion, "gpt": gpt, "inversion": inversion})
    write_bytes(OUTPUT, page)
    print(f"{len(page) / 1e6:.1f} MB -> {OUTPUT}")


if __name__ == "__main__":
    run(main)
