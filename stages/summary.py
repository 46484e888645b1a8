"""What the pipeline made and its headline numbers; `make` ends with it."""

from pathlib import Path
from typing import Any

from lookingglass.artifacts import read_metrics
from stages.entry import run


def of_samples(samples: dict[str, Any]) -> list[tuple[str, str]]:
    """Of the user's own points it is not known what is inside."""
    if "inside" not in samples:
        return [("standard deviation", f"{samples['std']:.3f}")]
    return [
        ("samples inside the square", f"{samples['inside']:.2%}"),
        ("standard deviation", f"{samples['std']:.3f} (the square's is 0.577)"),
    ]


def main() -> None:
    model = read_metrics("metrics/evaluate_diffusion.json")
    samples = read_metrics("metrics/sample.json")
    classes = read_metrics("metrics/sample_conditional.json")
    gpt, ngram = read_metrics("metrics/evaluate_gpt.json"), read_metrics("metrics/ngram.json")
    text, inversion = read_metrics("metrics/generate.json"), read_metrics("metrics/invert.json")
    rows = [
        ("denoiser", "models/diffusion.safetensors"),
        ("excess loss", f"{model['excess_loss']:.2e} over the irreducible {model['bayes_loss']}"),
        *of_samples(samples),
        ("conditional denoiser", "models/conditional.safetensors"),
        ("samples in their class", f"{classes['inside']:.2%}"),
        ("GPT", "models/gpt.safetensors"),
        (
            "loss on the book's end",
            f"{gpt['loss']:.3f} nats per token ({ngram['order']}-gram: {ngram['loss']:.3f}), "
            f"{gpt['bits_per_byte']:.2f} bits per byte",
        ),
        (
            "inversion",
            f"{inversion['restarts_matched']} of {inversion['restarts']} restarts make the model "
            "say the sentence",
        ),
        ("generated text", f"data/generated.txt, {text['tokens']} tokens"),
        ("figures", f"plots/*.png, {len(list(Path('plots').glob('*.png')))} of them"),
        ("report", "report/report.pdf"),
    ]
    width = max(len(name) for name, _ in rows)
    print()
    for name, value in rows:
        print(f"  {name:<{width}}  {value}")
    print()


if __name__ == "__main__":
    run(main)
