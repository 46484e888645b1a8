"""The headline numbers of the GPT on the known language, and what they are compared with."""

from lab.headlines.quantity import Fixed, Headlines, Quantity

EXCESS = Quantity(
    "metrics/details/evaluate_language.json",
    "gpt_excess",
    model="language",
    name="excess",
    kind="nats",
    weights="models/language.safetensors",
    sections=("corpus", "tokens", "language", "train_language", "evaluate_language"),
)
IMPROBABILITY = Quantity(
    "metrics/details/evaluate_language.json",
    "gpt_improbability",
    model="language",
    name="improbability",
    kind="nats",
    weights="models/language.safetensors",
    sections=("corpus", "tokens", "language", "train_language", "evaluate_language"),
)
NGRAM_EXCESS = Fixed("metrics/details/evaluate_language.json", "ngram_excess")
NGRAM_IMPROBABILITY = Fixed("metrics/details/evaluate_language.json", "ngram_improbability")

HEADLINES = Headlines(
    quantities=(EXCESS, IMPROBABILITY),
    comparisons={
        "language_gpt_to_ngram": (EXCESS, NGRAM_EXCESS),
        "language_text_to_ngram": (IMPROBABILITY, NGRAM_IMPROBABILITY),
    },
)
