"""The explorer: one page that runs the trained models in the browser, beside the exact truth.

It opens by double click and needs no network. Its sources are in explorer/.
"""

from typing import Any

from lab.core.artifacts import read_arrays, write_bytes
from lab.core.entry import run
from lab.data.origin import of_square
from lab.page.bundle import bundle, modules, read_text
from lab.page.diffusion import pack_diffusion
from lab.page.pack import pack
from lookingglass.diffusion.weights import load_denoiser

OUTPUT = "plots/explorer.html"
NETWORKS = {
    "diffusion": "models/diffusion.safetensors",
    "plain": "models/plain.safetensors",
    "conditional": "models/conditional.safetensors",
}


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
    page = render({"diffusion": diffusion})
    write_bytes(OUTPUT, page)
    print(f"{len(page) / 1e6:.1f} MB -> {OUTPUT}")


if __name__ == "__main__":
    run(main)
