"""A page for each model, models/pages/*.md: what it learned from, how good it is, its limits.

Numbers come from the metrics, and so do sentences whose truth depends on one.
"""

from lab.core.artifacts import write_bytes
from lab.core.entry import run
from stages.pages import conditional, diffusion, gpt, plain


def main() -> None:
    pages = {
        "models/pages/diffusion.md": diffusion.write(),
        "models/pages/plain.md": plain.write(),
        "models/pages/conditional.md": conditional.write(),
        "models/pages/gpt.md": gpt.write(),
    }
    for path, text in pages.items():
        write_bytes(path, text.encode())
    print(f"{len(pages)} pages -> models/pages")


if __name__ == "__main__":
    run(main)
