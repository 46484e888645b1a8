"""Generate text with the GPT from a prompt (exercise 3.2)."""

from itertools import islice
from typing import Annotated

import torch
from pydantic import Field

from lab.core.artifacts import write_bytes, write_metrics
from lab.core.entry import run
from lab.core.headline import write_headline
from lab.core.params import Section, Seed, load
from lookingglass.gpt.generation import generate
from lookingglass.gpt.scoring import log_prob
from lookingglass.gpt.weights import load_gpt


class Params(Section):
    prompt: Annotated[str, Field(min_length=1)]
    tokens: Annotated[int, Field(ge=1, le=100_000)]
    temperature: Annotated[float, Field(ge=0, le=10)]
    top_k: Annotated[int, Field(ge=1, le=50257)]
    seed: Seed


def main() -> None:
    params = load("generate", Params)
    torch.set_num_threads(1)
    gpt = load_gpt("models/gpt.safetensors")
    prompt = gpt.encode(params.prompt)
    new = generate(
        gpt,
        prompt,
        temperature=params.temperature,
        top_k=params.top_k,
        generator=torch.Generator().manual_seed(params.seed),
    )
    ids = torch.cat([prompt, torch.tensor(list(islice(new, params.tokens)))])
    text = gpt.decode(ids)
    scores = log_prob(gpt, ids)[len(prompt) - 1 :]
    write_bytes("data/generated.txt", f"{text}\n".encode())
    metrics = {"log_prob": float(scores.sum()), "tokens": len(scores)}
    write_metrics("metrics/details/generate.json", metrics)
    write_headline("metrics/generate.json", metrics, "log_prob")
    print(text)


if __name__ == "__main__":
    run(main)
