"""The headline numbers of the GPT on the known language, and what they are compared with."""

from functools import partial

from lab.headlines.quantity import Fixed, Headlines, Quantity

METRICS = "metrics/details/evaluate_language.json"
of_gpt = partial(
    Quantity,
    METRICS,
    model="language",
    kind="nats",
    weights="models/language.safetensors",
    sections=("corpus", "tokens", "language", "train_language", "evaluate_language"),
)

EXCESS = of_gpt("gpt_excess", name="excess")
IMPROBABILITY = of_gpt("gpt_improbability", name="improbability")
NGRAM_EXCESS = Fixed(METRICS, "ngram_excess")
NGRAM_IMPROBABILITY = Fixed(METRICS, "ngram_improbability")

HEADLINES = Headlines(
    quantities=(EXCESS, IMPROBABILITY),
    comparisons={
        "language_gpt_to_ngram": (EXCESS, NGRAM_EXCESS),
        "language_text_to_ngram": (IMPROBABILITY, NGRAM_IMPROBABILITY),
    },
)
