"""Which stages DVC reruns when a parameter changes: write docs/blast-radius.md.

This is the most that can rerun; it stops where a stage gives the same bytes again.
"""

from pathlib import Path

from lab.core.artifacts import write_bytes
from lab.core.entry import run
from lab.core.params import PARAMS, read
from tools.pipeline import Stage, declared

OUTPUT = "docs/blast-radius.md"
HEAD = """\
# Blast radius

Which stages `dvc repro` reruns when a key of `params.yaml` changes: those that declare it and
everything downstream. Fewer run where a stage gives the same bytes again, and earlier results come
back from the cache. Under "figures", `seeds` is the stage `fig_seeds`, and so on. Only `make seeds`
runs the stages of `seeds/dvc.yaml`. This page is generated from `dvc.yaml` by
`python -m tools.blast_radius`; a test keeps it current.

| key | stages | figures | documents, pages of models, explorer |
| --- | --- | --- | --- |
"""


def leaf_keys(root: str | Path = ".") -> list[str]:
    """Every section.key of params.yaml, in order."""
    document = read(Path(root) / PARAMS)
    return [f"{section}.{key}" for section, values in document.items() for key in values]


def radius(key: str, stages: dict[str, Stage]) -> set[str]:
    """The stages that declare a key or its section, and everything downstream of them."""
    section = key.partition(".")[0]
    reached: set[str] = set()
    new = {name for name, stage in stages.items() if {key, section} & set(stage.params)}
    while new:
        reached |= new
        written = {out for name in new for out in stages[name].outs}
        new = {name for name, stage in stages.items() if written & set(stage.deps)} - reached
    return reached


def grouped(keys: list[str], stages: dict[str, Stage]) -> dict[tuple[str, ...], list[str]]:
    """Keys grouped by the stages they reach; section.* stands for all keys of a section."""
    groups: dict[tuple[str, ...], list[str]] = {}
    for key in keys:
        reached = radius(key, stages)
        groups.setdefault(tuple(name for name in stages if name in reached), []).append(key)
    for group in groups.values():
        for section in {key.partition(".")[0] for key in group}:
            own = [key for key in keys if key.startswith(f"{section}.")]
            if len(own) > 1 and set(own) <= set(group):
                group[group.index(own[0])] = f"{section}.*"
                group[:] = [key for key in group if key not in own]
    return groups


def table(root: str | Path = ".") -> str:
    stages = declared(root)
    every_figure = [name for name in stages if name.startswith("fig_")]
    rows = []
    for reached, keys in grouped(leaf_keys(root), stages).items():
        pages = [
            name for name in ("report", "beyond", "model_pages", "explorer") if name in reached
        ]
        others = [name for name in reached if name not in (*pages, *every_figure)]
        figures = [name.removeprefix("fig_") for name in reached if name in every_figure]
        if len(figures) == len(every_figure):
            figures = [f"all {len(figures)}"]
        cells = (
            ", ".join(f"`{key}`" for key in keys),
            ", ".join(others) or "-",
            ", ".join(figures) or "-",
            ", ".join(pages).replace("model_pages", "pages") or "-",
        )
        rows.append(f"| {' | '.join(cells)} |\n")
    return HEAD + "".join(rows)


def main() -> None:
    write_bytes(OUTPUT, table().encode())
    print(f"-> {OUTPUT}")


if __name__ == "__main__":
    run(main)
