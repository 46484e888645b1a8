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
    return torch.exp(CONFIG.rate * (t - 1))


def sigma_dot(t: Tensor) -> Tensor:
    """The time derivative of sigma at times t, of any shape (equation 6)."""
    return CONFIG.rate * sigma(t)


def jump(x_0: Tensor, t: Tensor, eps: Tensor) -> Tensor:
    """The forward process in one jump (equation 4): the noised points x_t, (n, 2).

    x_0 is (n, 2), t is (n,), and eps ~ N(0, I) is (n, 2).
    """
    return x_0 + sigma(t)[:, None] * eps


def simulate(x_0: Tensor, steps: int, generator: torch.Generator) -> Tensor:
    """The forward process step by step, dx = g(t) dW (equation 1), from the points x_0, (n, 2).

    Gives the states at t = 0, dt, ..., 1 for dt = 1 / steps: (steps + 1, n, 2), the first of which
    is x_0. There is no shrinking, f = 0. The variance of the noise has to grow as sigma^2(t) does,
    so g^2(t) is its time derivative.
    """
    dt = 1 / steps
    states = [x_0]
    for i in range(steps):
        t = torch.tensor(i * dt)
        g = torch.sqrt(2 * sigma(t) * sigma_dot(t))
        dW = math.sqrt(dt) * torch.randn(x_0.shape, generator=generator)
        states.append(states[-1] + g * dW)
    return torch.stack(states)


def loss(denoiser: Denoiser, x_0: Tensor, generator: torch.Generator) -> Tensor:
    """The training loss of a denoiser on points x_0, (n, 2), as a scalar (section 2.1.2).

    Each point gets its own time t ~ U(0, 1) and noise. The mean squared error of the predicted
    noise, over points and dimensions.
    """
    t = torch.rand(len(x_0), generator=generator)
    eps = torch.randn(x_0.shape, generator=generator)
    return (denoiser(jump(x_0, t, eps), t) - eps).square().mean()


class Network(nn.Module):
    """A denoiser: the best linear one, and three layers for the rest."""

    def __init__(self, generator: torch.Generator, classes: int = 0, width: int = 64) -> None:
        super().__init__()
        self.embedding = nn.Embedding(classes, 8) if classes else None
        self.layers = nn.Sequential(
            nn.Linear(12 if classes else 4, width), nn.SiLU(),
            nn.Linear(width, width), nn.SiLU(),
            nn.Linear(width, 2),
        )  # fmt: skip
        for parameter in self.parameters():
            if parameter.ndim == 2:
                nn.init.normal_(parameter, std=parameter.shape[1] ** -0.5, generator=generator)
            else:
                nn.init.zeros_(parameter)

    def forward(self, x_t: Tensor, t: Tensor, label: Tensor | None = None) -> Tensor:
        """The noise in x_t."""
        s = sigma(t)[:, None]
        scale = torch.sqrt(s**2 + 0.4)
        inputs = [x_t / scale, (s.log() + 2.5) / 2, s]
        if self.embedding is not None:
            inputs.append(self.embedding(label))
        rest: Tensor = self.layers(torch.cat(inputs, dim=1))
        return rest + s * x_t / scale**2


def fit(network: Network, steps: int, step_loss: Callable[[], Tensor]) -> Denoiser:
    """Train a network with Adam and a falling learning rate."""
    adam = torch.optim.Adam(network.parameters(), lr=1e-2)
    cosine = torch.optim.lr_scheduler.CosineAnnealingLR(adam, steps)
    for _ in range(steps):
        adam.zero_grad()
        step_loss().backward()
        adam.step()
        cosine.step()
    return network


def train(points: Tensor, generator: torch.Generator) -> Denoiser:
    """Train a denoiser on points, (n, 2), and return it (section 2.1.2).

    In at most 20 seconds, its excess loss over the exact denoiser has to fall below 0.02.
    """
    network = Network(generator)
    return fit(network, 600, lambda: loss(network, points, generator))


def estimate_denoised(x_t: Tensor, t: Tensor, eps: Tensor) -> Tensor:
    """The estimate of x_0 from the predicted noise (equation 8): (n, 2)."""
    return x_t - sigma(t)[:, None] * eps


def score(x_t: Tensor, t: Tensor, x_0: Tensor) -> Tensor:
    """The score, the gradient of log p(x_t, t), from an estimate of x_0 (Algorithm 1): (n, 2)."""
    return (x_0 - x_t) / sigma(t)[:, None] ** 2


def reverse_process(denoiser: Denoiser, z: Tensor, time: float, dt: float) -> Tensor:
    """One step of Algorithm 1: dz of equation 7."""
    t = torch.full((len(z),), time)
    x_0 = estimate_denoised(z, t, denoiser(z, t))
    return -(sigma_dot(t) * sigma(t))[:, None] * score(z, t, x_0) * dt


def algorithm_1(denoiser: Denoiser, z: Tensor, steps: int) -> Tensor:
    """Algorithm 1: the points at t = 0 that the noise z, (n, 2), leads to.

    Along dx = -sigma_dot(t) sigma(t) score(x, t) dt (equation 7), with dt = -1 / steps. The times
    are 1, 1 + dt, ..., and the last step ends at t = 0; another one from there changes next to
    nothing.
    """
    dt = -1 / steps
    for i in range(steps):
        z = z + reverse_process(denoiser, z, 1 + i * dt, dt)
    return z


def faster_sampler(denoiser: Denoiser, z: Tensor, evaluations: int) -> Tensor:
    """A sampler of your own (question 5): from the noise z, (n, 2), to the points at t = 0.

    It may evaluate the denoiser `evaluations` times at most. With 32 of them, it has to come at
    least twice as close to where the ODE (equation 7) leads as Algorithm 1 does with as many.
    """
    steps = evaluations // 2
    for i in range(steps):
        now, after = (
            torch.full((len(z),), 1 - i / steps),
            torch.full((len(z),), 1 - (i + 1) / steps),
        )
        step = (sigma(after) - sigma(now))[:, None]  # Heun's method, along dz / dsigma = eps
        eps = denoiser(z, now)
        eps_after = denoiser(z + step * eps, after)
        z = z + step * (eps + eps_after) / 2
    return z


def stochastic_sampler(
    denoiser: Denoiser, z: Tensor, steps: int, generator: torch.Generator
) -> Tensor:
    """A sampler that gives other points in each run, from the same noise z, (n, 2) (question 6).

    The points still have to be distributed as the data.
    """
    dt = -1 / steps
    for i in range(steps):
        t = torch.full((len(z),), 1 + i * dt)
        rate = (sigma_dot(t) * sigma(t))[:, None]
        # the reverse SDE: twice the ODE's drift, and noise with the forward process's g^2
        drift = -2 * rate * score(z, t, estimate_denoised(z, t, denoiser(z, t))) * dt
        noise = torch.sqrt(2 * rate * abs(dt)) * torch.randn(z.shape, generator=generator)
        z = z + drift + noise
    return z


def train_conditional(points: Tensor, labels: Tensor, generator: torch.Generator) -> Denoiser:
    """Train a denoiser that is also given each point's class, (n,), and return it.

    There are len(CONFIG.regions) classes, and an embedding layer for them (conditional, question
    2). In at most 20 seconds, its excess loss over the exact denoiser of each class has to fall
    below 0.05.
    """
    network = Network(generator, classes=len(CONFIG.regions))
    return fit(
        network, 800, lambda: loss(lambda x_t, t: network(x_t, t, labels), points, generator)
    )


def diffusion_loss(
    x: Tensor, denoiser: Denoiser, steps: int, draws: int, generator: torch.Generator
) -> Tensor:
    """L_T of equation 9 for each point x, (n, 2), with T = steps: (n,).

    L_T = T / 2 E[(SNR(t - |dt|) - SNR(t)) |x - x_0|^2], where x_0 is the estimate from x_t,
    SNR(t) = 1 / sigma^2(t) and |dt| = 1 / T. The mean over `draws` pairs of a time and a noise for
    each point. Draw t from U(|dt|, 1), so that t - |dt| is not below 0.
    """
    total = torch.zeros(len(x))
    for _ in range(draws):
        t = 1 / steps + (1 - 1 / steps) * torch.rand(len(x), generator=generator)
        x_t = jump(x, t, torch.randn(x.shape, generator=generator))
        x_0 = estimate_denoised(x_t, t, denoiser(x_t, t))
        snr_difference = sigma(t - 1 / steps) ** -2 - sigma(t) ** -2
        total += snr_difference * (x - x_0).square().sum(dim=1)
    return steps / 2 * total / draws


def elbo(
    x: Tensor, denoiser: Denoiser, steps: int, draws: int, generator: torch.Generator
) -> Tensor:
    """The whole lower bound of log p(x) for each point x, (n, 2), in nats: (n,).

    Besides -L_T it has two terms, which equation 9 leaves out. One is minus the KL divergence of
    q(x_1 | x) = N(x, sigma^2(1) I) from the prior N(0, I). The other is the reconstruction, the
    expected log density of x under N(x_0, sigma^2(0) I), where x_0 ~ N(x, sigma^2(0) I).
    """
    variance = sigma(torch.tensor(1.0)) ** 2
    kl = x.square().sum(dim=1) / 2 + variance - 1 - variance.log()
    reconstruction = -torch.log(2 * math.pi * math.e * sigma(torch.tensor(0.0)) ** 2)
    return -diffusion_loss(x, denoiser, steps, draws, generator) - kl + reconstruction


def flow_log_prob(x: Tensor, denoiser: Denoiser, steps: int) -> Tensor:
    """Bonus: log p(x) for each point x at t = 0, (n, 2), by following the ODE up to t = 1: (n,).

    Along dx = f(x, t) dt, log p changes by minus the divergence of f: log p(x) is what N(0, I)
    gives at t = 1, plus the integral of the divergence.
    """
    dt = 1 / steps
    change = torch.zeros(len(x))

    def slope(x: Tensor, time: float) -> tuple[Tensor, Tensor]:
        t, x = torch.full((len(x),), time), x.detach().requires_grad_()
        f = sigma_dot(t)[:, None] * denoiser(x, t)
        gradients = [torch.autograd.grad(f[:, i].sum(), x, retain_graph=True)[0] for i in (0, 1)]
        return f.detach(), gradients[0][:, 0] + gradients[1][:, 1]

    for i in range(steps):  # the midpoint method
        f, _ = slope(x, i * dt)
        f, divergence = slope(x + f * dt / 2, (i + 0.5) * dt)
        x = x + f * dt
        change = change + divergence * dt
    return change - x.square().sum(dim=1) / 2 - math.log(2 * math.pi)


def steer(denoiser: Denoiser, target: Tensor, steps: int, generator: torch.Generator) -> Tensor:
    """Bonus: noise z, (1, 2), from which Algorithm 1 ends within 0.05 of the target, (1, 2).

    The target is far outside the square.
    """
    z, dt = target, -1 / steps
    for i in reversed(range(steps)):  # from t = 0 up to 1, undoing each step of Algorithm 1
        end = z
        for _ in range(20):
            z = end - reverse_process(denoiser, z, 1 + i * dt, dt)
    return z
