"""The explorer: one page that runs the trained models in the browser, beside the exact truth.

It opens by double click and needs no network. Its sources are in explorer/.
"""

from typing import Any

import torch
from pydantic import ConfigDict

from lab.core.artifacts import read_arrays, write_bytes
from lab.core.entry import run
from lab.core.params import Section, load
from lab.data.origin import of_square
from lab.page.bundle import bundle, modules, read_text
from lab.page.diffusion import pack_diffusion
from lab.page.gpt import pack_gpt
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
    """The page with this data in it, a tree of arrays by half."""
    page = bundle(
        read_text("explorer/page.html"),
        style=read_text("explorer/style.css"),
        sources=modules("explorer/main.js"),
        data=pack(data),
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
        torch.from_numpy(read_arrays("data/tokens.npz")["train"]),
        load("ngram", Ngram).order,
    )
    page = render({"diffusion": diffusion, "gpt": gpt})
    write_bytes(OUTPUT, page)
    print(f"{len(page) / 1e6:.1f} MB -> {OUTPUT}")


if __name__ == "__main__":
    run(main)
