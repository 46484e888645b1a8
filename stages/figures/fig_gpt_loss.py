"""The GPT's loss over training, and the standard GPT-2's (exercise 3.2.4, question 1)."""

from lab.core.artifacts import read_metrics, write_table
from lab.core.entry import run
from lab.data.tables import read_table
from lab.drawing.style import MODEL, new_figure, save

TRAINING = "#E69F00"
NGRAM = "#009E73"
STANDARD = "#777777"


def main() -> None:
    curve = read_table("plots/train_gpt.csv", ["step", "train", "validation"])
    standard = read_table("plots/train_standard_gpt.csv", ["step", "train", "validation"])
    test = read_metrics("metrics/details/evaluate_gpt.json")["loss"]
    ngram = read_metrics("metrics/details/ngram.json")
    best = curve.iloc[int(curve.validation.argmin())]

    figure = new_figure(height=0.31)
    axes = figure.subplots()
    axes.plot(standard.step, standard.train, ":", color=STANDARD)
    for table, name, title, color in (
        (
            standard,
            "validation",
            "standard GPT-2: validation part\n(dotted: training part)",
            STANDARD,
        ),
        (curve, "train", "training part", TRAINING),
        (curve, "validation", "validation part", MODEL),
    ):
        axes.plot(table.step, table[name], color=color)
        axes.annotate(
            title,
            (table.step.iloc[-1], table[name].iloc[-1]),
            xytext=(4, 0),
            textcoords="offset points",
            va="bottom" if table is standard else "center",
            color=color,
        )
    # of all tokens of the part; the curve leaves out an incomplete last block
    axes.axhline(ngram["validation_loss"], color=NGRAM, linewidth=0.9, linestyle="--")
    axes.annotate(
        f"{ngram['order']}-gram, {ngram['validation_loss']:.2f}\non the validation part",
        (0, ngram["validation_loss"]),
        xytext=(4, -2),
        textcoords="offset points",
        va="top",
        color=NGRAM,
    )
    axes.plot(best.step, best.validation, "o", color=MODEL, markersize=4, clip_on=False)
    axes.annotate(
        f"kept: {best.validation:.2f} at step {best.step:.0f}\n(the test part: {test:.2f})",
        (best.step, best.validation),
        xytext=(0, 10),
        textcoords="offset points",
        ha="center",
        va="bottom",
    )
    axes.set(
        xlim=(0, max(curve.step.iloc[-1], standard.step.iloc[-1])),
        # the standard model starts far above, at the loss of equally likely tokens
        ylim=(None, 1.05 * curve[["train", "validation"]].to_numpy().max()),
        xlabel="training step",
        ylabel="loss, nats per token",
    )
    save(figure, "gpt_loss")
    table = curve.assign(ngram=ngram["validation_loss"])
    write_table("plots/gpt_loss.csv", table.columns, table.itertuples(index=False))


if __name__ == "__main__":
    run(main)
