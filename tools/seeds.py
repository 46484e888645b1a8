"""Write docs/seeds.csv from the results of seeds/dvc.yaml: `make seeds`."""

from lab.core.artifacts import read_metrics, write_table
from lab.core.entry import run
from lab.core.params import load, read
from lab.headlines import diffusion, excess_sources, gpt, language
from lab.headlines.ladder import STANDARD, VARIANTS
from lab.headlines.quantity import HEADER, TABLE, Quantity
from lab.seeds.seeds import Params, result_path
from lookingglass.errors import InputError
from tools.deps import SEEDS
from tools.pipeline import behind

QUANTITIES = (
    *diffusion.HEADLINES.quantities,
    *excess_sources.HEADLINES.quantities,
    *gpt.HEADLINES.quantities,
    *language.HEADLINES.quantities,
)


def own_seeds(quantity: Quantity) -> set[int]:
    """The seeds of the pipeline's own trainings that a quantity depends on."""
    trainings = [name for name in quantity.sections if name.startswith("train_")]
    return {int(read()[name]["seed"]) for name in trainings}


def main() -> None:
    if stale := behind(SEEDS):
        raise InputError(f"{SEEDS}: {len(stale)} stages are not up to date; 'make seeds' runs them")
    table = []
    seeds = load("seeds", Params)
    asked = [(quantity, seeds.numbers) for quantity in QUANTITIES]
    asked += [(quantity, seeds.variants) for quantity in (STANDARD, *VARIANTS.values())]
    for quantity, numbers in asked:
        current = quantity.hash()
        for seed in numbers:
            result = read_metrics(result_path(quantity.model, seed))
            if quantity.name not in result:  # left out for points of one's own
                continue
            value = result[quantity.name]
            table.append((quantity.model, seed, quantity.name, value, current))
            if quantity in VARIANTS.values():  # the pipeline's own seed has none
                continue
            if {seed} == own_seeds(quantity) and [value] != (own := quantity.own()):
                print(
                    f"{quantity.model}, {quantity.name}: {value:g} with seed {seed}, but {own} in "
                    f"{quantity.metrics}: of other code, or made on another machine"
                )
    write_table(TABLE, HEADER, table)
    print(f"{len(table)} values -> {TABLE}")


if __name__ == "__main__":
    run(main)
