"""Exercise 2: a diffusion model in the plane.

A variance-exploding process adds noise of standard deviation sigma(t) to a point, and never shrinks
it: S(t) = 1 (equation 3). Equation 4 of the exercise has a misprint: the noise is scaled by
sigma(t), as in equations 2 and 8, and not by its square.

A denoiser is a function of x_t, (n, 2), and t, (n,), and a conditional one of a label, (n,), too.
It gives the noise that it finds in x_t, (n, 2). Draw random numbers from the generator that you are
given, so that your results are the same in every run.
"""

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn

from course.given import config

CONFIG = config(0)
Denoiser = Callable[..., Tensor]


def sigma(t: Tensor) -> Tensor:
    """The standard deviation of the noise at times t, of any shape (section 2.2).

    sigma(t) = exp(CONFIG.rate (t - 1))
    """
    raise NotImplementedError


def sigma_dot(t: Tensor) -> Tensor:
    """The time derivative of sigma at times t, of any shape (equation 6)."""
    raise NotImplementedError


def jump(x_0: Tensor, t: Tensor, eps: Tensor) -> Tensor:
    """The forward process in one jump (equation 4): the noised points x_t, (n, 2).

    x_0 is (n, 2), t is (n,), and eps ~ N(0, I) is (n, 2).
    """
    raise NotImplementedError


def simulate(x_0: Tensor, steps: int, generator: torch.Generator) -> Tensor:
    """The forward process step by step, dx = g(t) dW (equation 1), from the points x_0, (n, 2).

    Gives the states at t = 0, dt, ..., 1 for dt = 1 / steps: (steps + 1, n, 2), the first of which
    is x_0. There is no shrinking, f = 0. The variance of the noise has to grow as sigma^2(t) does,
    so g^2(t) is its time derivative.
    """
    raise NotImplementedError


def loss(denoiser: Denoiser, x_0: Tensor, generator: torch.Generator) -> Tensor:
    """The training loss of a denoiser on points x_0, (n, 2), as a scalar (section 2.1.2).

    Each point gets its own time t ~ U(0, 1) and noise. The mean squared error of the predicted
    noise, over points and dimensions.
    """
    raise NotImplementedError


def train(points: Tensor, generator: torch.Generator) -> Denoiser:
    """Train a denoiser on points, (n, 2), and return it (section 2.1.2).

    In at most 20 seconds, its excess loss over the exact denoiser has to fall below 0.02.
    """
    raise NotImplementedError


def estimate_denoised(x_t: Tensor, t: Tensor, eps: Tensor) -> Tensor:
    """The estimate of x_0 from the predicted noise (equation 8): (n, 2)."""
    raise NotImplementedError


def score(x_t: Tensor, t: Tensor, x_0: Tensor) -> Tensor:
    """The score, the gradient of log p(x_t, t), from an estimate of x_0 (Algorithm 1): (n, 2)."""
    raise NotImplementedError


def algorithm_1(denoiser: Denoiser, z: Tensor, steps: int) -> Tensor:
    """Algorithm 1: the points at t = 0 that the noise z, (n, 2), leads to.

    Along dx = -sigma_dot(t) sigma(t) score(x, t) dt (equation 7), with dt = -1 / steps. The times
    are 1, 1 + dt, ..., and the last step ends at t = 0; another one from there changes next to
    nothing.
    """
    raise NotImplementedError


def faster_sampler(denoiser: Denoiser, z: Tensor, evaluations: int) -> Tensor:
    """A sampler of your own (question 5): from the noise z, (n, 2), to the points at t = 0.

    It may evaluate the denoiser `evaluations` times at most. With 32 of them, it has to come at
    least twice as close to where the ODE (equation 7) leads as Algorithm 1 does with as many.
    """
    raise NotImplementedError


def stochastic_sampler(
    denoiser: Denoiser, z: Tensor, steps: int, generator: torch.Generator
) -> Tensor:
    """A sampler that gives other points in each run, from the same noise z, (n, 2) (question 6).

    The points still have to be distributed as the data.
    """
    raise NotImplementedError


def train_conditional(points: Tensor, labels: Tensor, generator: torch.Generator) -> Denoiser:
    """Train a denoiser that is also given each point's class, (n,), and return it.

    There are len(CONFIG.regions) classes, and an embedding layer for them (conditional, question
    2). In at most 20 seconds, its excess loss over the exact denoiser of each class has to fall
    below 0.05.
    """
    raise NotImplementedError


def diffusion_loss(
    x: Tensor, denoiser: Denoiser, steps: int, draws: int, generator: torch.Generator
) -> Tensor:
    """L_T of equation 9 for each point x, (n, 2), with T = steps: (n,).

    L_T = T / 2 E[(SNR(t - |dt|) - SNR(t)) |x - x_0|^2], where x_0 is the estimate from x_t,
    SNR(t) = 1 / sigma^2(t) and |dt| = 1 / T. The mean over `draws` pairs of a time and a noise for
    each point. Draw t from U(|dt|, 1), so that t - |dt| is not below 0.
    """
    raise NotImplementedError


def elbo(
    x: Tensor, denoiser: Denoiser, steps: int, draws: int, generator: torch.Generator
) -> Tensor:
    """The whole lower bound of log p(x) for each point x, (n, 2), in nats: (n,).

    Besides -L_T it has two terms, which equation 9 leaves out. One is minus the KL divergence of
    q(x_1 | x) = N(x, sigma^2(1) I) from the prior N(0, I). The other is the reconstruction, the
    expected log density of x under N(x_0, sigma^2(0) I), where x_0 ~ N(x, sigma^2(0) I).
    """
    raise NotImplementedError


def flow_log_prob(x: Tensor, denoiser: Denoiser, steps: int) -> Tensor:
    """Bonus: log p(x) for each point x at t = 0, (n, 2), by following the ODE up to t = 1: (n,).

    Along dx = f(x, t) dt, log p changes by minus the divergence of f: log p(x) is what N(0, I)
    gives at t = 1, plus the integral of the divergence.
    """
    raise NotImplementedError


def steer(denoiser: Denoiser, target: Tensor, steps: int, generator: torch.Generator) -> Tensor:
    """Bonus: noise z, (1, 2), from which Algorithm 1 ends within 0.05 of the target, (1, 2).

    The target is far outside the square.
    """
    raise NotImplementedError
