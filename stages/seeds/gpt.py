"""The GPT with another seed of its training: the headline numbers."""

import torch

from lab.core.entry import run
from lab.core.params import load
from lab.data.sentence import sentence_ids
from lab.data.tokens import read_tokens
from lab.seeds.seeds import asked_seed, write_result
from lab.training.checkpoint import FOLDER
from lab.training.device import pick_device
from lab.training.parallel import one_voice, start_processes, together
from lookingglass.gpt.weights import dump_gpt, load_gpt
from stages.gpt import evaluate_gpt, invert, train_gpt

LOSSES = ("loss", "mixture_loss", "cache_loss", "cache_mixture_loss")


@one_voice()
def main() -> None:
    seed = asked_seed()
    recipe = load("train_gpt", train_gpt.Params).model_copy(update={"seed": seed})
    evaluation, inversion = load("evaluate_gpt", evaluate_gpt.Params), load("invert", invert.Params)
    evaluate_gpt.check_stride(evaluation.stride, recipe.block_size)
    tokens = read_tokens("data/tokens.npz")
    ngram = evaluate_gpt.read_ngram(tokens)

    if start_processes(recipe.processes, "stages.seeds.gpt", str(seed)):
        return
    name, device = f"seeds_gpt_{seed}", pick_device()
    checkpoint = FOLDER / f"{name}.safetensors"
    with together(name, recipe.processes, device) as world:
        training = train_gpt.train_on_the_book(recipe, checkpoint, device, world)
        if world.rank > 0:
            return
        torch.set_num_threads(1)
        gpt = load_gpt(dump_gpt(training.gpt.cpu()))  # as from the file that other stages read
        measured = evaluate_gpt.evaluate(gpt, tokens, ngram, evaluation.stride)
        ids = sentence_ids(gpt)
        found = invert.invert_at(gpt, ids, inversion, inversion.learning_rate)
        metrics = {
            **{name: measured[name] for name in LOSSES},
            "restarts_matched": invert.solved(found, ids),
        }
        write_result("gpt", seed, metrics)
        checkpoint.unlink()


if __name__ == "__main__":
    run(main)
