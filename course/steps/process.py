"""The checks of the forward process and of the training."""

import math
from types import ModuleType

import torch
from torch import Tensor

from course.config import Config
from course.wrong import StepError, agree, check_tensor, distance
from lookingglass.diffusion.excess import mean_loss_and_excess

FAR = 5.5
"""In standard errors; by chance alone a right result is further off once in 25 million times."""


def generator(config: Config, number: int = 0) -> torch.Generator:
    """Of the check's own draws, different for each student."""
    return torch.Generator().manual_seed(config.student * 1000 + number)


def times(config: Config, n: int) -> Tensor:
    """n times, drawn."""
    return torch.rand(n, generator=generator(config, 1))


def check_sigma(student: ModuleType, config: Config) -> None:
    """sigma, at some times."""
    t = times(config, 50)
    rate = config.rate
    agree(
        "sigma(t)",
        student.sigma(t),
        torch.exp(rate * (t - 1)),
        {
            "the rate were 5, the exercise's, and not yours": torch.exp(5 * (t - 1)),
            "time ran backwards": torch.exp(rate * -t),
            "t - 1 were 1 - t": torch.exp(rate * (1 - t)),
            "1 were not subtracted from t": torch.exp(rate * t),
            "it were sigma squared": torch.exp(2 * rate * (t - 1)),
        },
    )


def check_sigma_dot(student: ModuleType, config: Config) -> None:
    """sigma_dot, at some times."""
    t = times(config, 50)
    sigma, rate = torch.exp(config.rate * (t - 1)), config.rate
    agree(
        "sigma_dot(t)",
        student.sigma_dot(t),
        rate * sigma,
        {
            "the rate were left out of the derivative": sigma,
            "the rate were 5, the exercise's, and not yours": 5 * torch.exp(5 * (t - 1)),
            "its sign were wrong": -rate * sigma,
            "it were the derivative of sigma squared": 2 * rate * sigma**2,
            "it were divided by the rate, as an integral": sigma / rate,
        },
    )


def check_jump(student: ModuleType, config: Config) -> None:
    """The jump, from some points with some noise."""
    draw = generator(config, 2)
    x_0, t = config.truth.sample(40, draw), times(config, 40)
    eps = torch.randn(40, 2, generator=draw)
    sigma = config.schedule.sigma(t)[:, None]
    agree(
        "x_t",
        student.jump(x_0, t, eps),
        x_0 + sigma * eps,
        {
            "the noise were scaled by sigma squared": x_0 + sigma**2 * eps,
            "the noise were scaled by the square root of sigma": x_0 + sigma.sqrt() * eps,
            "the noise were not scaled": x_0 + eps,
            "the noise were scaled by t": x_0 + t[:, None] * eps,
            "the point were shrunk, as in a variance-preserving process": (
                (1 - sigma**2).clamp(min=0).sqrt() * x_0 + sigma * eps
            ),
            "the noise were subtracted": x_0 - sigma * eps,
            "the point were left out": sigma * eps,
            "all points had the first one's time": x_0 + sigma[0] * eps,
            "all points had the mean of sigma": x_0 + sigma.mean() * eps,
        },
    )


def check_simulate(student: ModuleType, config: Config) -> None:
    """The simulated process: how much each step adds, and that the steps are independent."""
    draw = generator(config, 3)
    steps, n = 200, 2000
    x_0 = config.truth.sample(n, draw)
    states = check_tensor("the simulation", student.simulate(x_0, steps, draw), (steps + 1, n, 2))
    if distance(states[0], x_0.double()) > 1e-5:
        raise StepError("the first state is not x_0", "")
    added = states.diff(dim=0)
    if float(added.std(dim=1).mean() / added.square().mean().sqrt()) < 0.1:
        raise StepError("all points move alike", "as if they shared their noise")
    mean_shift = float(added.mean() / added.std() * math.sqrt(added.numel()))
    t = torch.arange(steps) / steps
    dt, sigma, rate = 1 / steps, config.schedule.sigma(t).double(), config.rate
    right = sigma * math.sqrt(2 * rate * dt)
    agree(
        "the standard deviation of what step {} adds",
        added.std(dim=(1, 2)),
        right,
        {
            "the noise were scaled by dt, not by its square root": right * math.sqrt(dt),
            "the noise were not scaled by the square root of dt": right / math.sqrt(dt),
            "each step added the noise of the whole jump": sigma,
            "g^2 lacked its factor 2": right / math.sqrt(2),
            "g were g^2": sigma**2 * 2 * rate * math.sqrt(dt),
            "g were the derivative of sigma": sigma * rate * math.sqrt(dt),
            "g were sigma": sigma * math.sqrt(dt),
            "time ran backwards": right.flip(0),
        },
        tolerance=0.06,  # steps of finite length, and chance, are some 0.03 off
    )
    if abs(mean_shift) > FAR:
        raise StepError(
            f"the steps have a mean that is {mean_shift:.1f} standard errors from 0",
            "as if the point were shrunk or moved, too",
        )
    whole = (added / right[:, None, None]).flatten(1)
    together = float((whole[1:] * whole[:-1]).mean() * math.sqrt(whole[1:].numel()))
    if abs(together) > FAR:
        raise StepError(
            f"what successive steps add is correlated, by {together:.1f} standard errors",
            "as if all steps had the same noise",
        )
    x, y = (added / right[:, None, None]).unbind(dim=-1)
    across = float((x * y).mean() * math.sqrt(x.numel()))
    if abs(across) > FAR:
        raise StepError(
            f"what is added to x and to y is correlated, by {across:.1f} standard errors",
            "as if both coordinates had the same noise",
        )


def check_loss(student: ModuleType, config: Config) -> None:
    """The loss of a denoiser that writes down what it is asked."""
    draw = generator(config, 4)
    n = 20_000
    x_0 = config.truth.sample(n, draw)
    asked: list[tuple[Tensor, Tensor]] = []
    weight = torch.tensor(0.2, requires_grad=True)

    def denoiser(x_t: Tensor, t: Tensor) -> Tensor:
        asked.append((x_t.detach(), t.detach()))
        return 0.3 + weight.to(x_t.dtype) * x_t

    loss = student.loss(denoiser, x_0, draw)
    value = check_tensor("the loss", loss, ())
    if not loss.requires_grad:
        raise StepError("no gradient reaches the denoiser", "as if the loss were detached from it")
    once, again = (
        float(student.loss(denoiser, x_0[:50], torch.Generator().manual_seed(0)).detach())
        for _ in "ab"
    )
    if once != again:
        raise StepError(
            "the same points and generators in the same state give two losses",
            "as if it drew without the generator",
        )
    if len(asked) != 3:
        raise StepError("the denoiser was asked more than once: once is enough")
    x_t = check_tensor("x_t", asked[0][0], (n, 2))
    t = check_tensor("t", asked[0][1], (n,))
    if float(t.min()) < 0 or float(t.max()) > 1:
        raise StepError(
            f"times are from {float(t.min()):.3g} to {float(t.max()):.3g}: have to be in [0, 1]"
        )
    if len(t.unique()) < n / 10:
        raise StepError(
            f"{n} points have {len(t.unique())} different times", "as if they shared one"
        )
    for power in (1, 2):
        expected, variance = 1 / (power + 1), 1 / (2 * power + 1) - 1 / (power + 1) ** 2
        off = float(t.pow(power).mean() - expected) / math.sqrt(variance / n)
        if abs(off) > FAR:
            raise StepError(
                f"the mean of t^{power} is {off:.1f} standard errors from that of U(0, 1)"
            )
    noise, sigma = x_t - x_0, config.schedule.sigma(t)[:, None]
    order = t.argsort().view(20, -1)  # by time, a thousand in each group

    def spread(x: Tensor) -> Tensor:
        return x[order].square().mean(dim=(1, 2)).sqrt()

    unit = torch.randn(n, 2, generator=draw).double()
    agree(
        "the standard deviation of the noise in x_t, in part {} of 20 of the times, in order,",
        spread(noise),
        spread(sigma * unit),
        {
            "the noise were scaled by sigma squared": spread(sigma**2 * unit),
            "the noise were not scaled": spread(unit),
            "the noise were scaled by t": spread(t[:, None] * unit),
            "sigma were of another time than the denoiser is told": spread(
                sigma[torch.randperm(n, generator=draw)] * unit
            ),
        },
        tolerance=0.1,
    )
    eps = noise / sigma
    predicted = denoiser(x_t, t).detach()
    agree(
        "the loss",
        value,
        (predicted - eps).square().mean(),
        {
            "it were summed over the dimensions": 2 * (predicted - eps).square().mean(),
            "it were summed over all points": (predicted - eps).square().sum(),
            "its square root were taken": (predicted - eps).square().mean().sqrt(),
            "it were the mean absolute error": (predicted - eps).abs().mean(),
            "x_0 were to be predicted, and not the noise": (predicted - x_0).square().mean(),
            "eps sigma were to be predicted, and not eps": (predicted - noise).square().mean(),
            "eps sigma^2 were to be predicted, and not eps": (predicted - noise * sigma)
            .square()
            .mean(),
            "it were weighted by sigma^2": (sigma * (predicted - eps)).square().mean(),
        },
    )


def check_train(student: ModuleType, config: Config) -> None:
    """The excess loss of the denoiser that training gives."""
    draw = generator(config, 5)
    points = config.truth.sample(2000, draw)
    denoiser = student.train(points, draw)
    schedule = config.schedule

    def by_sigma(x: Tensor, sigma: float | Tensor, label: Tensor | None = None) -> Tensor:
        found: Tensor = denoiser(x, schedule.time_of(torch.as_tensor(sigma)))
        return found.detach()

    loss, excess = mean_loss_and_excess(
        by_sigma, config.truth, schedule, draws=20_000, generator=draw
    )
    if not excess < 0.02:
        raise StepError(
            f"the excess loss is {excess:.3g}: has to be below 0.02 (the loss is {loss:.3g})",
            "as if it had learned nothing" if loss > 0.99 else "",
        )
