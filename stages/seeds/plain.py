"""The exercise's recommended recipe with another seed of its training: the headline numbers."""

import torch

from lab.core.artifacts import read_arrays
from lab.core.entry import run
from lab.core.params import load
from lab.data.ground_truth import load_truth
from lab.data.schedule import load_schedule
from lab.seeds.seeds import asked_seed, write_result
from lab.training.device import pick_device
from lookingglass.diffusion.weights import dump_denoiser, load_denoiser
from stages.diffusion import evaluate_plain, train_plain


def main() -> None:
    seed = asked_seed()
    recipe = load("train_plain", train_plain.Params).model_copy(update={"seed": seed})
    evaluation, truth = load("evaluate_plain", evaluate_plain.Params), load_truth()
    points = torch.from_numpy(read_arrays("data/points.npz")["points"])

    trained, _ = train_plain.train_denoiser(recipe, points, load_schedule(), pick_device())
    denoiser = load_denoiser(dump_denoiser(trained))  # as from the file that other stages read
    measured, _ = evaluate_plain.evaluate(denoiser, truth, evaluation)
    metrics = {"excess": measured["excess_loss"]}
    write_result("plain", seed, metrics)


if __name__ == "__main__":
    run(main)
