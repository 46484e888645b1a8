"""The checks of everything that samples with a denoiser: here always the exact one."""

import math
from collections.abc import Callable
from types import ModuleType

import torch
from torch import Tensor

from course.config import Config
from course.steps.process import FAR, generator, times
from course.wrong import StepError, agree, check_tensor, distance
from lookingglass.diffusion.samplers import algorithm_1, sample, uniform_times

Denoiser = Callable[[Tensor, Tensor], Tensor]


class Exact:
    """The exact denoiser of the data, as a function of x_t and t, that counts its evaluations."""

    def __init__(self, config: Config) -> None:
        self.truth, self.schedule = config.truth, config.schedule
        self.evaluations = 0

    def __call__(self, x_t: Tensor, t: Tensor) -> Tensor:
        """The noise in x_t. Raises StepError for tensors of other shapes."""
        self.evaluations += 1
        if x_t.ndim != 2 or x_t.shape[1] != 2:
            raise StepError(
                f"the denoiser is given x_t of the shape {tuple(x_t.shape)}: has to be (n, 2)"
            )
        if t.ndim > 1 or t.numel() not in (1, len(x_t)):
            raise StepError(
                f"the denoiser is given t of the shape {tuple(t.shape)}: has to be (n,)"
            )
        return self.truth.denoiser(x_t, self.schedule.sigma(t.expand(len(x_t))))


def prior(config: Config, n: int, number: int) -> Tensor:
    """n points of the data, noised to t = 1, where sampling can start without an error."""
    draw = generator(config, number)
    return config.truth.sample(n, draw) + config.schedule.sigma_max * torch.randn(
        n, 2, generator=draw
    )


def check_estimate_denoised(student: ModuleType, config: Config) -> None:
    """estimate_denoised, of some points with some noise."""
    draw = generator(config, 10)
    x_t, eps = torch.randn(40, 2, generator=draw), torch.randn(40, 2, generator=draw)
    t = times(config, 40)
    sigma = config.schedule.sigma(t)[:, None]
    agree(
        "x_0",
        student.estimate_denoised(x_t, t, eps),
        x_t - sigma * eps,
        {
            "sigma were squared": x_t - sigma**2 * eps,
            "the noise were added": x_t + sigma * eps,
            "the noise were not scaled": x_t - eps,
            "the noise were divided by sigma": x_t - eps / sigma,
            "the denoiser predicted x_0, and not the noise": eps,
            "all points had the first one's time": x_t - sigma[0] * eps,
            "sigma_dot stood for sigma": x_t - config.rate * sigma * eps,
        },
    )


def check_score(student: ModuleType, config: Config) -> None:
    """score, from some estimates of x_0."""
    draw = generator(config, 11)
    x_t, x_0 = torch.randn(40, 2, generator=draw), torch.randn(40, 2, generator=draw)
    t = times(config, 40)
    sigma = config.schedule.sigma(t)[:, None]
    agree(
        "the score",
        student.score(x_t, t, x_0),
        (x_0 - x_t) / sigma**2,
        {
            "it were not divided by sigma squared": x_0 - x_t,
            "it were divided by sigma, and not by its square": (x_0 - x_t) / sigma,
            "its sign were wrong": (x_t - x_0) / sigma**2,
            "it were multiplied by sigma squared": (x_0 - x_t) * sigma**2,
            "it were divided by 2 sigma squared": (x_0 - x_t) / sigma**2 / 2,
            "all points had the first one's time": (x_0 - x_t) / sigma[0] ** 2,
        },
    )


def euler(
    config: Config,
    z: Tensor,
    steps: int,
    factor: Callable[[Tensor, Tensor], Tensor],
    sign: int = -1,
    times: Tensor | None = None,
) -> Tensor:
    """Euler's method along dx = factor(sigma, sigma_dot) eps dt from t = 1, dt = sign / steps.

    At the times 1, 1 + dt, ..., all but the last, unless there are others.
    """
    denoiser, schedule, dt = Exact(config), config.schedule, sign / steps
    for t in 1 + dt * torch.arange(steps) if times is None else times:
        z = z + factor(schedule.sigma(t), schedule.sigma_dot(t)) * denoiser(z, t) * dt
    return z


def check_algorithm_1(student: ModuleType, config: Config) -> None:
    """Algorithm 1, where it ends, for few and for many steps."""
    z = torch.randn(200, 2, generator=generator(config, 12))
    for steps in (5, 100):
        denoiser = Exact(config)
        found = check_tensor("what it gives", student.algorithm_1(denoiser, z, steps), (200, 2))
        if denoiser.evaluations not in (steps, steps + 1):
            raise StepError(
                f"with {steps} steps it evaluates the denoiser {denoiser.evaluations} times"
            )
        right = euler(config, z, steps, lambda s, dot: dot)
        too_early = torch.linspace(1, 0, steps)
        at_0 = 1 - torch.arange(steps + 1) / steps
        if denoiser.evaluations > steps:  # the one at t = 0, too
            right = euler(config, z, steps, lambda s, dot: dot, times=at_0)
        agree(
            f"with {steps} steps, the points",
            found,
            right,
            {
                "dt were positive": euler(config, z, steps, lambda s, dot: dot, sign=1),
                "dt were positive where z moves": euler(config, z, steps, lambda s, dot: -dot),
                "the score were not divided by sigma squared": euler(
                    config, z, steps, lambda s, dot: dot * s**2
                ),
                "the score were divided by sigma only": euler(
                    config, z, steps, lambda s, dot: dot * s
                ),
                "sigma were left out of equation 7": euler(
                    config, z, steps, lambda s, dot: dot / s
                ),
                "it took twice the drift, as the reverse SDE does": euler(
                    config, z, steps, lambda s, dot: 2 * dot
                ),
                "it took half the drift": euler(config, z, steps, lambda s, dot: dot / 2),
                "sigma_dot were left out of equation 7": euler(
                    config, z, steps, lambda s, dot: torch.ones(())
                ),
                "sigma stood for sigma_dot": euler(config, z, steps, lambda s, dot: s),
                "it started at the time 1 + dt": euler(
                    config,
                    z,
                    steps,
                    lambda s, dot: dot,
                    times=1 - torch.arange(1, steps + 1) / steps,
                ),
                "the times reached 0 a step too early": euler(
                    config, z, steps, lambda s, dot: dot, times=too_early
                ),
                "nothing were done": z,
            },
        )


def check_faster_sampler(student: ModuleType, config: Config) -> None:
    """A sampler of one's own: how close it comes to where the ODE leads, beside Algorithm 1."""
    z = torch.randn(1000, 2, generator=generator(config, 13))
    evaluations = 32
    for allowed in (12, evaluations):
        denoiser = Exact(config)
        found = check_tensor(
            "what it gives", student.faster_sampler(denoiser, z, allowed), (1000, 2)
        )
        if denoiser.evaluations > allowed:
            raise StepError(
                f"it evaluates the denoiser {denoiser.evaluations} times: {allowed} are allowed",
                "as if it took two evaluations a step, and a step for each"
                if denoiser.evaluations >= 2 * allowed - 1
                else "",
            )
    exact = sample(
        config.truth.denoiser, config.schedule, z.double(), times=uniform_times(400), solver="rk4"
    )
    plain = algorithm_1(config.truth.denoiser, config.schedule, z.double(), evaluations)
    own, theirs = distance(found, exact), distance(plain, exact)
    if own > theirs / 2:
        raise StepError(
            f"the points are {own:.2g} of their size from where the ODE leads: has to be at most "
            f"{theirs / 2:.2g}, half of Algorithm 1's with as many evaluations",
            "as if it were Algorithm 1" if distance(found, plain) < 5e-3 else "",
        )


def check_stochastic_sampler(student: ModuleType, config: Config) -> None:
    """A stochastic sampler: from one noise to other points each time, distributed as the data."""
    n, steps = 4000, 250
    z = prior(config, n, 14)
    one, other = (
        check_tensor(
            "what it gives",
            student.stochastic_sampler(Exact(config), z, steps, generator(config, number)),
            (n, 2),
        )
        for number in (15, 16)
    )
    once, again = (
        student.stochastic_sampler(Exact(config), z[:50], 10, generator(config, 17)) for _ in "ab"
    )
    if not torch.equal(once, again):
        raise StepError(
            "the same noise and generators in the same state lead to different points",
            "as if it drew without the generator",
        )
    if distance(one, other) < 0.1:
        raise StepError(
            "two runs from the same noise give all but the same points",
            "as if it added next to no noise",
        )
    side = config.square[2] - config.square[0]
    # chance, and the finite steps of a right sampler
    centre = config.truth.mean
    spread = float((one - centre).square().mean().sqrt() / (side / math.sqrt(12)))
    inside = config.truth.fraction_inside(one)
    if not 0.93 < spread < 1.07 or inside < 0.93:
        cause = ""
        if spread > 1.07 or inside < 0.93:
            cause = "as if it added noise without the drift that makes up for it, or too much noise"
        elif spread < 0.93:
            cause = "as if it took twice the drift, and added too little noise"
        raise StepError(
            f"of the points {inside:.1%} are inside the square, and their standard deviation is "
            f"{spread:.2f} times that of the data",
            cause,
        )
    if abs(float(one.sub(centre).mean() / side * math.sqrt(12 * 2 * n))) > FAR:
        raise StepError("the points are not centred on the square", "as if z were not used")
