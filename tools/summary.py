"""Print the main results, each next to its yardstick; the end of `make`."""

from lab.core.artifacts import read_metrics
from lab.core.entry import run


def main() -> None:
    denoiser = read_metrics("metrics/details/evaluate_diffusion.json")
    plain = read_metrics("metrics/details/evaluate_plain.json")
    samples = read_metrics("metrics/details/sample.json")
    classes = read_metrics("metrics/details/sample_conditional.json")
    gpt = read_metrics("metrics/details/evaluate_gpt.json")
    ngram = read_metrics("metrics/details/ngram.json")
    inversion = read_metrics("metrics/details/invert.json")

    recipe = f"recommended recipe {plain['excess_loss']:.2e}"
    rows = [("excess loss", f"{denoiser['excess_loss']:.2e}", recipe)]
    if "inside" in samples:  # not of the user's own points
        rows.append(("inside the square", f"{samples['inside']:.1%}", "of the samples"))
    rows += [
        ("inside their class", f"{classes['inside']:.1%}", "of the conditional samples"),
        ("GPT, test loss", f"{gpt['loss']:.3f}", f"{ngram['order']}-gram {ngram['loss']:.3f}"),
        ("GPT and n-gram", f"{gpt['mixture_loss']:.3f}", "mixed; nats per token, all three"),
        (
            "inversion",
            f"{inversion['restarts_matched']} of {inversion['restarts']}",
            "restarts make the GPT say the sentence",
        ),
    ]
    print()
    for name, value, beside in rows:
        print(f"  {name:<18}  {value:>9}   {beside}")
    print("\n  report: report/report.pdf   beyond the exercise: report/beyond.pdf")
    print("  figures: plots/*.png   charts: dvc plots show --open\n")


if __name__ == "__main__":
    run(main)
