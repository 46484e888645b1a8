"""The conditional denoiser with another seed of its training: the headline numbers."""

import numpy as np
import torch

from lab.core.artifacts import read_arrays
from lab.core.entry import run
from lab.core.params import load
from lab.data.class_truths import load_class_truths
from lab.data.origin import of_square
from lab.data.schedule import load_schedule
from lab.seeds.seeds import asked_seed, write_result
from lab.training.device import pick_device
from lookingglass.diffusion.weights import dump_denoiser, load_denoiser
from stages.diffusion import evaluate_conditional, sample_conditional, train_conditional
from stages.diffusion.classes import load_regions


def main() -> None:
    seed, regions, square = asked_seed(), load_regions(), of_square()
    recipe = load("train_conditional", train_conditional.Params).model_copy(update={"seed": seed})
    evaluation = load("evaluate_conditional", evaluate_conditional.Params)
    sampling = load("sample_conditional", sample_conditional.Params)
    points = torch.from_numpy(read_arrays("data/points.npz")["points"])
    labels = read_arrays("data/classes.npz")["labels"]

    trained, _ = train_conditional.train_denoiser(
        recipe, points, torch.from_numpy(labels), len(regions), load_schedule(), pick_device()
    )
    denoiser = load_denoiser(dump_denoiser(trained))  # as from the file that other stages read
    results = evaluate_conditional.evaluate_classes(
        denoiser,
        load_class_truths(regions),
        regions,
        evaluation,
        torch.Generator().manual_seed(evaluation.seed),
    )
    counts = np.bincount(labels, minlength=len(regions)).tolist()
    weights = sample_conditional.shares(regions, counts, square=square)
    sampled = sample_conditional.sample_classes(denoiser, weights, sampling)
    measured = sample_conditional.measure(sampled.points, sampled.label, regions, square=square)
    metrics = {
        "excess": evaluate_conditional.mean_excess(results),
        "inside": measured["inside"],
    }
    write_result("conditional", seed, metrics)


if __name__ == "__main__":
    run(main)
