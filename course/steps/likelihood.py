"""The checks of the log-probabilities, with the exact denoiser, and of the steering."""

import math
from collections.abc import Callable
from itertools import pairwise
from types import ModuleType

import torch
from torch import Tensor

from course.config import Config
from course.steps.process import generator
from course.steps.sampling import Exact, euler
from course.wrong import StepError, agree, check_tensor
from lookingglass.diffusion.likelihood import ELBO, elbo, flow_log_density
from lookingglass.diffusion.samplers import uniform_times

STEPS = 100
"""T of equation 9."""
RUNS = 16
OFF = 10.0
"""In standard errors estimated from 16 runs (Student's t with 15 degrees of freedom): by chance
alone a right result is further off once in 20 million times."""


def some_points(config: Config) -> Tensor:
    """Four points in the square, and one outside."""
    _, _, right, top = config.square
    inside = config.truth.sample(4, generator(config, 30))
    return torch.cat([inside, torch.tensor([[right + 0.3, top + 0.2]])])


def right_elbo(config: Config, x: Tensor) -> ELBO:
    """Its terms with the exact denoiser, all but exact."""
    return elbo(
        x, config.truth.denoiser, config.schedule,
        generator=torch.Generator().manual_seed(0), steps=STEPS, draws=2**14,
    )  # fmt: skip


def right_diffusion(config: Config, x: Tensor, steps: int) -> Tensor:
    """L_T of equation 9 for each point, with t ~ U(1 / T, 1), by 2^14 low-discrepancy draws."""
    draws = torch.quasirandom.SobolEngine(3, scramble=True, seed=0).draw(2**14).double()
    t = 1 / steps + (1 - 1 / steps) * draws[:, 0]
    eps = torch.special.ndtri(draws[:, 1:].clamp(1e-9, 1 - 1e-9))
    schedule, sigma = config.schedule, config.schedule.sigma(t)[:, None]
    weight = steps / 2 * (schedule.snr(t - 1 / steps) - schedule.snr(t))
    errors = [  # of x_0, which is sigma times that of eps
        (sigma * (config.truth.denoiser(point + sigma * eps, sigma[:, 0]) - eps)).square().sum(1)
        for point in x.double()
    ]
    return torch.stack([(weight * error).mean() for error in errors])


def estimates(
    function: Callable[..., Tensor], config: Config, x: Tensor, steps: int = STEPS
) -> tuple[Tensor, Tensor]:
    """The mean of independent estimates for each point, and its standard error."""
    runs = torch.stack(
        [
            check_tensor(
                "what it gives",
                function(x, Exact(config), steps, 200, generator(config, 100 + run)),
                (len(x),),
            )
            for run in range(RUNS)
        ]
    )
    return runs.mean(dim=0), runs.std(dim=0) / math.sqrt(RUNS)


def check_estimate(
    name: str, found: Tensor, error: Tensor, expected: Tensor, as_if: dict[str, Tensor]
) -> None:
    """Raise StepError unless an estimate is right, up to its error and a hundredth of a nat."""

    def off(value: Tensor) -> float:
        return float(((found - value).abs() / (error + 0.01 + 0.004 * value.abs())).max())

    if off(expected) < OFF:
        return
    cause = next((f"as if {mistake}" for mistake, value in as_if.items() if off(value) < OFF), "")
    worst = int(((found - expected).abs() / (error + 0.01)).argmax())
    about = f" ± {error[worst]:.2g}" if error[worst] > 0 else ""
    raise StepError(
        f"{name}[{worst}] is {found[worst]:.4g}{about}: has to be {expected[worst]:.4g}",
        cause,
    )


def check_diffusion_loss(student: ModuleType, config: Config) -> None:
    """L_T, beside its value by many low-discrepancy draws."""
    x = some_points(config)
    for steps in (5, STEPS):
        right = right_diffusion(config, x, steps)
        check_estimate(
            f"L_T for T = {steps}, of point ",
            *estimates(student.diffusion_loss, config, x, steps),
            right,
            {
                "T / 2 were left out": right * 2 / steps,
                "T / 2 were T": right * 2,
                "T were left out of T / 2": right / steps,
                "T / 2 were rounded": right * (steps // 2) / (steps / 2),
                "the difference of the SNR were reversed": -right,
                "it were SNR(t) - SNR(t + |dt|)": right * math.exp(-2 * config.rate / steps),
                "the squared error were the mean over dimensions, and not the sum": right / 2,
                "its sign were that of the lower bound": -right,
            },
        )


def check_elbo(student: ModuleType, config: Config) -> None:
    """The whole bound, and which of its terms are there."""
    x = some_points(config)
    terms = right_elbo(config, x)
    diffusion, prior = terms.diffusion.double(), terms.prior.double()
    total, reconstruction = terms.total.double(), terms.reconstruction
    # without its noise, in which the other terms would be lost
    vars(student)["diffusion_loss"] = lambda *_: -diffusion
    check_estimate(
        "the bound",
        *estimates(student.elbo, config, x),
        total,
        {
            "the prior were left out": total - prior,
            "the reconstruction were left out": total - reconstruction,
            "prior and reconstruction were left out": diffusion,
            "the KL divergence were added, and not subtracted": total - 2 * prior,
            "the reconstruction were subtracted, and not added": total - 2 * reconstruction,
            "L_T were added, and not subtracted": total - 2 * diffusion,
            "L_T were left out": total - diffusion,
            "it were its negative": -total,
            "the reconstruction were that of one dimension": total - reconstruction / 2,
            "the reconstruction lacked the noise of x_0, its -1": total + 1,
            "the KL divergence lacked its 1 / 2": total + prior,
            "it were in bits, and not in nats": total / math.log(2),
        },
    )


def check_flow_log_prob(student: ModuleType, config: Config) -> None:
    """The flow's log-probability."""
    x = config.truth.sample(4, generator(config, 31))
    cos, sin = math.cos(0.5), math.sin(0.5)
    rotation = torch.tensor([[cos, -sin], [sin, cos]])

    def denoiser(x_t: Tensor, t: Tensor) -> Tensor:
        """Of the square turned, whose two directions are not independent of each other."""
        turn = rotation.to(x_t.dtype)
        return exact(x_t @ turn, t) @ turn.T

    exact = Exact(config)
    right = flow_log_density(x.double(), config.truth.denoiser, config.schedule, steps=200).double()
    end = x.double()
    for now, after in pairwise(config.schedule.sigma(uniform_times(400)).flip(0)):
        end = end + (after - now) * config.truth.denoiser(end, now)
    ends = -end.square().sum(dim=1) / 2 - math.log(2 * math.pi)
    agree(
        "log p",
        student.flow_log_prob(x @ rotation.T, denoiser, 200),
        right,
        {
            "the divergence were left out": ends,
            "the divergence had the wrong sign": 2 * ends - right,
            "it were its negative": -right,
            "it were in bits, and not in nats": right / math.log(2),
            "the prior lacked its 1 / (2 pi)": right + math.log(2 * math.pi),
            "the prior were that of one dimension": right + math.log(2 * math.pi) / 2,
        },
        tolerance=0.03,
    )


def check_steer(student: ModuleType, config: Config) -> None:
    """Where the right Algorithm 1 ends from the noise that was found."""
    target = torch.tensor([config.target])
    z = student.steer(Exact(config), target, STEPS, generator(config, 32))
    z = check_tensor("the noise", z, (1, 2))
    ends = [  # without and with an evaluation at t = 0
        euler(config, z.float(), STEPS, lambda s, dot: dot, times=1 - torch.arange(n) / STEPS)
        for n in (STEPS, STEPS + 1)
    ]
    end = min(ends, key=lambda end: float((end - target).norm()))
    miss = float((end - target).norm())
    if not miss <= 0.05:
        raise StepError(
            f"Algorithm 1 ends at ({end[0, 0]:.3g}, {end[0, 1]:.3g}), {miss:.2g} from the target",
            "as if the target itself were the noise" if float((z - target).norm()) < 1e-3 else "",
        )
