"""Trainings with further seeds: asked for only, and their numbers are those of the pipeline."""

import csv
import json
import re
import sys

import pytest

from lab.headlines.ladder import STANDARD
from stages.seeds.gpt_variant import VARIANTS
from tests.conftest import Checkout
from tests.test_dependencies import stages
from tools.deps import SEEDS
from tools.seeds import QUANTITIES, own_seeds

MODELS = ("diffusion", "plain", "conditional", "gpt", "language", "excess_sources")
EACH = [
    f"{name} {seed}" for seed in "01" for name in (*MODELS, *(f"gpt_variant {v}" for v in VARIANTS))
]
SCRIPT = """\
import runpy, sys
for each in sys.argv[1:]:
    model, *sys.argv[1:] = each.split()
    runpy.run_module(f"stages.seeds.{model}", None, "__main__")
"""


def page(made: Checkout, model: str) -> str:
    return (made.path / "models" / "pages" / f"{model}.md").read_text(encoding="utf-8")


@pytest.mark.long
@pytest.mark.pipeline
def test_seeds_from_their_training_to_the_pages(made: Checkout) -> None:
    assert {*MODELS, "gpt_variant"} == set(stages(pipeline=SEEDS))
    assert made.repro() == [], "the pipeline is made without the further seeds"
    assert not (made.path / "seeds" / "results").exists()
    for model in MODELS[:4]:
        assert "(one seed)" in page(made, model)
    done = made.run("python", "-m", "tools.seeds", check=False)
    assert (
        done.stderr == f"{SEEDS}: {len(EACH)} stages are not up to date; 'make seeds' runs them\n"
    )

    # one through DVC, and all others in one process, which is much faster
    assert made.repro(f"{SEEDS}:plain@1") == [f"{SEEDS}:plain@1"]
    through_dvc = (made.path / "seeds" / "results" / "plain_1.json").read_bytes()
    made.run(sys.executable, "-c", SCRIPT, *EACH)
    assert (made.path / "seeds" / "results" / "plain_1.json").read_bytes() == through_dvc
    made.run("dvc", "commit", "--force", SEEDS)
    shipped = "from tools.ship import shipped; print(*shipped().values())"
    assert "seeds/results/gpt_1.json" in made.run("python", "-c", shipped).stdout.split()
    said = made.run("python", "-m", "tools.seeds").stdout
    assert said == f"{2 * len(QUANTITIES) + 2 * len(VARIANTS)} values -> docs/seeds.csv\n", (
        "other numbers than here"
    )

    with (made.path / "docs" / "seeds.csv").open(encoding="utf-8") as file:
        rows = {(row["model"], row["quantity"], row["seed"]): row for row in csv.DictReader(file)}
    for quantity in (*QUANTITIES, STANDARD):
        numbers = json.loads((made.path / quantity.metrics).read_text())
        [seed] = own_seeds(quantity)
        own = rows[quantity.model, quantity.name, str(seed)]
        assert float(own["value"]) == numbers[quantity.key], quantity
    assert rows["plain", "excess", "0"]["value"] != rows["plain", "excess", "1"]["value"]

    assert made.repro() == ["model_pages", "report", "beyond"]
    for model in MODELS[:4]:
        assert " ± " in page(made, model)
        assert "one seed" not in page(made, model)

    made.set("train_plain.epochs", 21)
    assert made.repro("model_pages") == ["train_plain", "evaluate_plain", "model_pages"]
    assert re.search(r"\| this model \| [\d.]+ \| [^|]+ \(one seed\) \|", page(made, "plain"))
    assert "is not distinguishable by one seed" in page(made, "plain")
    assert re.search(r"\| this model \| [\d.]+ \| [^|]+ ± [^|]+ \|", page(made, "diffusion"))
    assert "one seed" not in page(made, "gpt")
