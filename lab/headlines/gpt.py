"""The headline numbers of the GPT, and what is compared."""

from functools import partial

from lab.headlines.quantity import Fixed, Headlines, Quantity

of_gpt = partial(Quantity, model="gpt", weights="models/gpt.safetensors")
of_test_part = partial(of_gpt, "metrics/details/evaluate_gpt.json", kind="nats")
ALONE = ("corpus", "tokens", "train_gpt", "evaluate_gpt")
WITH_NGRAM = (*ALONE, "ngram")

LOSS = of_test_part("loss", name="loss", sections=ALONE)
MIXTURE_LOSS = of_test_part("mixture_loss", name="mixture_loss", sections=WITH_NGRAM)
CACHE_LOSS = of_test_part("cache_loss", name="cache_loss", sections=ALONE)
CACHE_MIXTURE_LOSS = of_test_part(
    "cache_mixture_loss", name="cache_mixture_loss", sections=WITH_NGRAM
)
RESTARTS_MATCHED = of_gpt(
    "metrics/details/invert.json",
    "restarts_matched",
    name="restarts_matched",
    kind="count",
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
