"""The check of the conditional denoiser."""

from types import ModuleType

import torch
from torch import Tensor

from course.config import Config
from course.given import class_of
from course.steps.process import generator
from course.wrong import StepError, check_tensor, distance


def check_train_conditional(student: ModuleType, config: Config) -> None:
    """The excess loss of the denoiser over the exact one of each class."""
    draw, schedule, truth = generator(config, 20), config.schedule, config.class_truth
    points = config.truth.sample(3000, draw)
    denoiser = student.train_conditional(points, class_of(config, points), draw)

    n = 20_000
    x_0 = config.truth.sample(n, draw)
    label, t = class_of(config, x_0), torch.rand(n, generator=draw)
    sigma = schedule.sigma(t)
    x_t = x_0 + sigma[:, None] * torch.randn(n, 2, generator=draw)

    def excess(found: Tensor, given: Tensor | None) -> float:
        return float((found - truth.denoiser(x_t, sigma, given)).square().mean())

    with torch.no_grad():
        found = check_tensor("the predicted noise", denoiser(x_t, t, label), (n, 2))
        other = denoiser(x_t, t, (label + 1) % len(config.regions)).double()
    own = excess(found, label)
    if own < 0.05:
        return
    cause = ""
    if distance(other, found) < 0.02:
        cause = "as if the label were ignored"
    elif excess(found, None) < own / 2:
        cause = "as if the label had next to no influence"
    else:
        with torch.no_grad():
            shifted = [
                excess(denoiser(x_t, t, (label + shift) % len(config.regions)).double(), label)
                for shift in range(1, len(config.regions))
            ]
        if min(shifted) < own / 2:
            cause = "as if the classes were numbered in another way"
    raise StepError(f"the excess loss, given the class, is {own:.3g}: has to be below 0.05", cause)
