"""A page for each model, docs/models/*.md: what it learned from, how good it is, its limits.

Numbers come from the metrics, and so do sentences whose truth depends on one.
"""

from lookingglass.artifacts import write_bytes
from stages.entry import run
from stages.pages import conditional, diffusion, gpt, plain


def main() -> None:
    pages = {
        "docs/models/diffusion.md": diffusion.write(),
        "docs/models/plain.md": plain.write(),
        "docs/models/conditional.md": conditional.write(),
        "docs/models/gpt.md": gpt.write(),
    }
    for path, text in pages.items():
        write_bytes(path, text.encode())
    print(f"{len(pages)} pages -> docs/models")


if __name__ == "__main__":
    run(main)
