"""The GPT on the known language with another seed of its training: the headline numbers."""

import torch

from lab.core.artifacts import read_arrays, read_metrics
from lab.core.entry import run
from lab.core.params import load
from lab.data.tokens import excerpt, read_tokens
from lab.seeds.seeds import asked_seed, write_result
from lab.training.checkpoint import FOLDER, alone
from lookingglass.gpt.divergence import divergence, mean_and_error
from lookingglass.gpt.language import fit_language, gpt_predictor
from lookingglass.gpt.weights import load_gpt
from stages.gpt import evaluate_language, train_language


def main() -> None:
    seed = asked_seed()
    recipe = load("train_language", train_language.Params).model_copy(update={"seed": seed})
    evaluation = load("evaluate_language", evaluate_language.Params)
    exact, stride = read_metrics("metrics/details/language.json"), evaluation.stride
    order, rate, rate_error = (exact[k] for k in ("order", "entropy_rate", "entropy_rate_error"))
    evaluate_language.check_stride(stride, recipe.block_size, order)
    book = excerpt(read_tokens("data/tokens.npz")["train"])
    test = torch.from_numpy(read_arrays("data/language.npz")["test"])

    name = f"seeds_language_{seed}"
    checkpoint = FOLDER / f"{name}.safetensors"
    with alone(name):
        training = train_language.train_on_the_language(recipe, checkpoint)
        torch.set_num_threads(1)
        gpt = load_gpt(train_language.weights(training))  # as from the file that other stages read
        truth = fit_language(book, order)
        windows = test.unfold(0, gpt.config.block_size + 1, stride)
        model = gpt_predictor(gpt, truth.tokens)
        found = divergence(truth, model, truth.tokens, windows, stride)
        prompts = evaluate_language.prompts_of(test, evaluation.texts)
        texts = evaluate_language.generated(
            truth, {"gpt": model}, prompts, evaluation, rate, rate_error
        )
        metrics = {
            "excess": mean_and_error(found.excess.flatten())[0],
            "improbability": texts["gpt_improbability"],
        }
        write_result("language", seed, metrics)
        checkpoint.unlink()


if __name__ == "__main__":
    run(main)
