"""The headline numbers of the GPT, and what is compared."""

from lab.headlines.quantity import Fixed, Headlines, Quantity

LOSS = Quantity(
    "metrics/details/evaluate_gpt.json",
    "loss",
    model="gpt",
    name="loss",
    kind="nats",
    weights="models/gpt.safetensors",
    sections=("corpus", "tokens", "train_gpt", "evaluate_gpt"),
)
MIXTURE_LOSS = Quantity(
    "metrics/details/evaluate_gpt.json",
    "mixture_loss",
    model="gpt",
    name="mixture_loss",
    kind="nats",
    weights="models/gpt.safetensors",
    sections=("corpus", "tokens", "ngram", "train_gpt", "evaluate_gpt"),
)
CACHE_LOSS = Quantity(
    "metrics/details/evaluate_gpt.json",
    "cache_loss",
    model="gpt",
    name="cache_loss",
    kind="nats",
    weights="models/gpt.safetensors",
    sections=("corpus", "tokens", "train_gpt", "evaluate_gpt"),
)
CACHE_MIXTURE_LOSS = Quantity(
    "metrics/details/evaluate_gpt.json",
    "cache_mixture_loss",
    model="gpt",
    name="cache_mixture_loss",
    kind="nats",
    weights="models/gpt.safetensors",
    sections=("corpus", "tokens", "ngram", "train_gpt", "evaluate_gpt"),
)
RESTARTS_MATCHED = Quantity(
    "metrics/details/invert.json",
    "restarts_matched",
    model="gpt",
    name="restarts_matched",
    kind="count",
    weights="models/gpt.safetensors",
    sections=("corpus", "tokens", "train_gpt", "invert"),
)
NGRAM_LOSS = Fixed("metrics/details/ngram.json", "loss")

HEADLINES = Headlines(
    quantities=(LOSS, MIXTURE_LOSS, CACHE_LOSS, CACHE_MIXTURE_LOSS, RESTARTS_MATCHED),
    comparisons={
        "gpt_to_ngram": (LOSS, NGRAM_LOSS),
        "mixture_to_gpt": (MIXTURE_LOSS, LOSS),
        "mixture_to_ngram": (MIXTURE_LOSS, NGRAM_LOSS),
        "cache_to_gpt": (CACHE_LOSS, LOSS),
        "cache_mixture_to_mixture": (CACHE_MIXTURE_LOSS, MIXTURE_LOSS),
    },
)
