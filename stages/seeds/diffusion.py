"""The unconditional denoiser with another seed of its training: the headline numbers."""

import torch

from lab.core.artifacts import read_arrays
from lab.core.entry import run
from lab.core.params import load
from lab.data.ground_truth import load_truth
from lab.data.schedule import load_schedule
from lab.sampling.own import load_sampler
from lab.seeds.seeds import asked_seed, write_result
from lab.training.device import pick_device
from lookingglass.diffusion.samplers import uniform_times
from lookingglass.diffusion.truth import UniformBox
from lookingglass.diffusion.weights import dump_denoiser, load_denoiser
from stages.diffusion import evaluate_diffusion, sample, train_diffusion


def main() -> None:
    seed = asked_seed()
    recipe = load("train_diffusion", train_diffusion.Params).model_copy(update={"seed": seed})
    evaluation = load("evaluate_diffusion", evaluate_diffusion.Params)
    sampling, truth = load("sample", sample.Params), load_truth()
    points = torch.from_numpy(read_arrays("data/points.npz")["points"])

    trained, _ = train_diffusion.train_denoiser(recipe, points, load_schedule(), pick_device())
    denoiser = load_denoiser(dump_denoiser(trained))  # as from the file that other stages read
    levels = denoiser.schedule.sigma(uniform_times(evaluation.levels - 1))
    curve = evaluate_diffusion.excess_curves({"model": denoiser}, truth, levels[:1], evaluation)
    metrics = {
        "excess": evaluate_diffusion.evaluate(denoiser, truth, evaluation)["excess_loss"],
        "excess_at_most_noise": float(curve["model"][0]),
    }
    if isinstance(truth, UniformBox):
        sampler = load_sampler(sampling.solver.file, sampling.solver.name)
        sampled = sample.sample_seeds(denoiser, truth, sampler, sampling)
        metrics["inside"] = truth.fraction_inside(sampled.flatten(0, 1))
    write_result("diffusion", seed, metrics)


if __name__ == "__main__":
    run(main)
