"""The headline number of the GPT on the known language, and what it is compared with."""

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
NGRAM_EXCESS = Fixed("metrics/details/evaluate_language.json", "ngram_excess")

HEADLINES = Headlines(
    quantities=(EXCESS,),
    comparisons={"language_gpt_to_ngram": (EXCESS, NGRAM_EXCESS)},
)
