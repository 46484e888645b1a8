"""Print the main results, each next to its yardstick; the end of `make`."""

from lab.core.artifacts import read_metrics
from lab.core.entry import run
from lab.headlines import diffusion, gpt, language
from lab.headlines.quantity import over_seeds, what_the_intervals_are


def main() -> None:
    headlines = over_seeds(diffusion.HEADLINES, gpt.HEADLINES, language.HEADLINES)
    found = {name: headline["text"] for name, headline in headlines.items()}
    ngram = read_metrics("metrics/details/ngram.json")
    known = read_metrics("metrics/details/evaluate_language.json")
    restarts = read_metrics("metrics/details/invert.json")["restarts"]

    rows = [
        (
            "excess loss",
            found["diffusion_excess"],
            f"recommended recipe {found['plain_excess']}: {found['network_to_plain']}",
        )
    ]
    if "diffusion_inside" in found:  # not of the user's own points
        rows.append(("inside the square", found["diffusion_inside"], "of the samples"))
    rows += [
        ("excess, conditional", found["conditional_excess"], ""),
        ("inside their class", found["conditional_inside"], "of the conditional samples"),
        (
            "GPT, test loss",
            found["gpt_loss"],
            f"{ngram['order']}-gram {ngram['loss']:.3f}: {found['gpt_to_ngram']}",
        ),
        (
            "GPT and n-gram",
            found["gpt_mixture_loss"],
            f"mixed; than the GPT alone: {found['mixture_to_gpt']}",
        ),
        (
            "known language",
            found["language_excess"],
            f"excess; {known['order']}-gram {known['ngram_excess']:.3f}: "
            f"{found['language_gpt_to_ngram']}",
        ),
        (
            "inversion",
            found["gpt_restarts_matched"],
            f"of {restarts} restarts make the GPT say the sentence",
        ),
    ]
    print()
    for name, value, beside in rows:
        print(f"  {name:<20}  {value:>24}   {beside}".rstrip())
    print(f"\n  {what_the_intervals_are(headlines)}")
    print("  report: report/report.pdf   beyond the exercise: report/beyond.pdf")
    print("  figures: plots/*.png   charts: dvc plots show --open\n")


if __name__ == "__main__":
    run(main)
