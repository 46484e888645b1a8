"""The headline numbers of the excess loss taken apart, and what is compared."""

from functools import partial

from lab.headlines.quantity import Headlines, Quantity

METRICS = "metrics/details/excess_sources.json"
measured = partial(
    Quantity,
    METRICS,
    model="excess_sources",
    kind="excess",
    weights=METRICS,  # for those of three networks
    sections=(
        "schedule",
        "points",
        "train_diffusion",
        "train_symmetric",
        "train_fresh",
        "excess_sources",
    ),
)
TRAINED = measured("trained", name="trained")
AVERAGED = measured("averaged", name="averaged")
SYMMETRIC = measured("symmetric", name="symmetric")
FRESH = measured("fresh", name="fresh")

HEADLINES = Headlines(
    quantities=(TRAINED, AVERAGED, SYMMETRIC, FRESH),
    comparisons={
        "averaged_to_trained": (AVERAGED, TRAINED),
        "symmetric_to_trained": (SYMMETRIC, TRAINED),
        "fresh_to_symmetric": (FRESH, SYMMETRIC),
    },
)
