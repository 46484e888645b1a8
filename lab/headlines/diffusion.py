"""The headline numbers of the three denoisers, and what is compared."""

from functools import partial

from lab.headlines.quantity import Fixed, Headlines, Quantity

DATA = ("schedule", "points")
of_network = partial(Quantity, model="diffusion", weights="models/diffusion.safetensors")
of_conditional = partial(Quantity, model="conditional", weights="models/conditional.safetensors")
evaluated = partial(
    of_network,
    "metrics/details/evaluate_diffusion.json",
    kind="excess",
    sections=(*DATA, "train_diffusion", "evaluate_diffusion"),
)

EXCESS = evaluated("excess_loss", name="excess")
EXCESS_AT_MOST_NOISE = evaluated("excess_at_most_noise", name="excess_at_most_noise")
INSIDE = of_network(
    "metrics/details/sample.json",
    "inside",
    name="inside",
    kind="fraction",
    sections=(*DATA, "train_diffusion", "sample"),
)
PLAIN_EXCESS = Quantity(
    "metrics/details/evaluate_plain.json",
    "excess_loss",
    model="plain",
    name="excess",
    kind="excess",
    weights="models/plain.safetensors",
    sections=(*DATA, "train_plain", "evaluate_plain"),
)
CONDITIONAL_EXCESS = of_conditional(
    "metrics/details/evaluate_conditional.json",
    "excess",
    name="excess",
    kind="excess",
    sections=(*DATA, "classes", "train_conditional", "evaluate_conditional"),
)
CONDITIONAL_INSIDE = of_conditional(
    "metrics/details/sample_conditional.json",
    "inside",
    name="inside",
    kind="fraction",
    sections=(*DATA, "classes", "train_conditional", "sample_conditional"),
)
MEMORISED = Fixed("metrics/details/evaluate_diffusion.json", "points_excess")
MEMORISED_AT_MOST_NOISE = Fixed(
    "metrics/details/evaluate_diffusion.json", "points_excess_at_most_noise"
)

HEADLINES = Headlines(
    quantities=(
        EXCESS,
        EXCESS_AT_MOST_NOISE,
        INSIDE,
        PLAIN_EXCESS,
        CONDITIONAL_EXCESS,
        CONDITIONAL_INSIDE,
    ),
    comparisons={
        "network_to_plain": (EXCESS, PLAIN_EXCESS),
        "network_to_memorised": (EXCESS, MEMORISED),
        "network_to_memorised_at_most_noise": (EXCESS_AT_MOST_NOISE, MEMORISED_AT_MOST_NOISE),
        "conditional_to_network": (CONDITIONAL_EXCESS, EXCESS),
    },
)
