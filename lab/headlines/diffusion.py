"""The headline numbers of the three denoisers, and what is compared."""

from lab.headlines.quantity import Fixed, Headlines, Quantity

EXCESS = Quantity(
    "metrics/details/evaluate_diffusion.json",
    "excess_loss",
    model="diffusion",
    name="excess",
    kind="excess",
    weights="models/diffusion.safetensors",
    sections=("schedule", "points", "train_diffusion", "evaluate_diffusion"),
)
EXCESS_AT_MOST_NOISE = Quantity(
    "metrics/details/evaluate_diffusion.json",
    "excess_at_most_noise",
    model="diffusion",
    name="excess_at_most_noise",
    kind="excess",
    weights="models/diffusion.safetensors",
    sections=("schedule", "points", "train_diffusion", "evaluate_diffusion"),
)
INSIDE = Quantity(
    "metrics/details/sample.json",
    "inside",
    model="diffusion",
    name="inside",
    kind="fraction",
    weights="models/diffusion.safetensors",
    sections=("schedule", "points", "train_diffusion", "sample"),
)
PLAIN_EXCESS = Quantity(
    "metrics/details/evaluate_plain.json",
    "excess_loss",
    model="plain",
    name="excess",
    kind="excess",
    weights="models/plain.safetensors",
    sections=("schedule", "points", "train_plain", "evaluate_plain"),
)
CONDITIONAL_EXCESS = Quantity(
    "metrics/details/evaluate_conditional.json",
    "excess",
    model="conditional",
    name="excess",
    kind="excess",
    weights="models/conditional.safetensors",
    sections=("schedule", "points", "classes", "train_conditional", "evaluate_conditional"),
)
CONDITIONAL_INSIDE = Quantity(
    "metrics/details/sample_conditional.json",
    "inside",
    model="conditional",
    name="inside",
    kind="fraction",
    weights="models/conditional.safetensors",
    sections=("schedule", "points", "classes", "train_conditional", "sample_conditional"),
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
