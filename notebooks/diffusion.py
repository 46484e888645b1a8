# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Diffusion in the plane
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/)
# (there, give the address of the repository that you have this from)
#
# A diffusion model learns to remove noise, and makes data out of noise alone. Here the data are points
# in a square. That is so simple that everything a network has to learn is known in closed form: each
# result below is held against the truth.
#
# It takes a minute or two, without a GPU.

# %%
import importlib.util

if importlib.util.find_spec("lookingglass") is None:  # on Colab, say
    address = input("The address of the repository: ")
    # %pip install --quiet git+{address}

# %%
# %matplotlib inline
import matplotlib.pyplot as plt
import torch

from lookingglass.diffusion.class_truth import ClassTruth
from lookingglass.diffusion.excess import excess_by_sigma, mean_loss_and_excess
from lookingglass.diffusion.forward import simulate
from lookingglass.diffusion.likelihood import elbo, flow_log_density
from lookingglass.diffusion.network import EdgeNetwork
from lookingglass.diffusion.samplers import flow, sample, uniform_times
from lookingglass.diffusion.schedule import ExponentialSchedule
from lookingglass.diffusion.steering import Process, hold, log10_improbability, minimum_norm
from lookingglass.diffusion.training import train
from lookingglass.diffusion.truth import SQUARE, UniformBox

torch.set_num_threads(1)  # the tensors are small
plt.rcParams |= {
    "figure.dpi": 80, "figure.constrained_layout.use": True,
    "axes.spines.top": False, "axes.spines.right": False, "legend.frameon": False,
}  # fmt: skip


def seeded(seed):
    """A generator of its own for each purpose, so that running a cell again changes nothing."""
    return torch.Generator().manual_seed(seed)


def draw_plane(axes, x, title="", reach=1.5, **options):
    """Points, and the outline of the square."""
    axes.scatter(*x.T, s=3, linewidths=0, **options)
    axes.plot([-1, 1, 1, -1, -1], [-1, -1, 1, 1, -1], "k--", linewidth=0.8)
    axes.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal", title=title)


# %% [markdown]
# ## Noise
#
# The forward process adds noise of standard deviation $\sigma(t) = e^{5 (t - 1)}$: at time $t$, a point
# $x_0$ has become
#
# $$x_t = x_0 + \sigma(t) \, \epsilon, \qquad \epsilon \sim \mathcal N(0, I).$$
#
# It can be simulated step by step, or sampled in one jump; both have the same distribution.

# %%
schedule = ExponentialSchedule(5.0)
points = SQUARE.sample(3000, seeded(0))

figure, grid = plt.subplots(1, 4, figsize=(11, 2.8), sharey=True)
for axes, t in zip(grid, (0.0, 0.5, 0.8, 1.0), strict=True):
    sigma = float(schedule.sigma(torch.tensor(t)))
    noised = points + sigma * torch.randn(points.shape, generator=seeded(1))
    draw_plane(axes, noised, f"t = {t}, sigma = {sigma:.3f}", 3)

# %%
start = torch.tensor([[1.5, 1.25]]).expand(200, 2)
times = torch.linspace(0, 1, 1001)
trajectories = simulate(start, schedule, times, seeded(2))  # (times, 200, 2)

figure, axes = plt.subplots(figsize=(5, 2.8))
axes.plot(times, trajectories[:, :20, 0], linewidth=0.5, color="tab:blue")
axes.plot(times, 1.5 + schedule.sigma(times), "k", label="one sigma(t)")
axes.plot(times, 1.5 - schedule.sigma(times), "k")
axes.set(xlabel="t", ylabel="x")
axes.legend()
print(f"standard deviation at t = 1: {trajectories[-1].std(dim=0).mean():.3f}; sigma(1) = 1")

# %% [markdown]
# ## A denoiser
#
# The network sees $x_t$ and $\sigma$, and predicts the noise; the loss is the mean squared error. It
# cannot reach 0: noise and data overlap. What the best possible denoiser, $E[\epsilon \mid x_t]$, leaves
# is known here, and so is the network's **excess** over it, the one part of the loss that says
# anything about the network.
#
# The training loop is a generator that yields its state.

# %%
generator = seeded(0)
network = EdgeNetwork(schedule, data_std=float(points.square().mean().sqrt()), generator=generator)
recipe = {"steps": 1500, "learning_rate": 1e-2, "average": 0.99}
losses = []
for state in train(network, points, schedule, **recipe, generator=generator):
    losses.append(float(state.loss))
denoiser = state.denoiser.requires_grad_(False)

floor = SQUARE.bayes_loss(schedule)
loss, excess = mean_loss_and_excess(denoiser, SQUARE, schedule, draws=50_000, generator=seeded(3))
print(f"loss {loss:.4f} = irreducible {floor:.4f} + excess {excess:.4f}")

figure, axes = plt.subplots(figsize=(5, 2.8))
axes.plot(losses, linewidth=0.5)
axes.axhline(floor, color="k", linestyle="--", label="irreducible")
axes.set(xlabel="step", ylabel="loss", ylim=(0.75, 1.0))
_ = axes.legend()

# %% [markdown]
# At which noise levels does the network still err?

# %%
sigmas = schedule.sigma(torch.linspace(0, 1, 15))
levels = excess_by_sigma(denoiser, SQUARE, sigmas, draws=4000, generator=seeded(4))

figure, axes = plt.subplots(figsize=(5, 2.8))
axes.loglog(sigmas, levels, "o-")
_ = axes.set(xlabel="sigma", ylabel="excess loss")

# %% [markdown]
# ## Sampling
#
# Noise follows an ODE back to data. In $\sigma$ it is as simple as can be,
# $\mathrm d x / \mathrm d \sigma = \epsilon(x, \sigma)$; Algorithm 1 of the exercise takes equal steps in
# time. The samplers take any denoiser, so the exact one can stand in for the network.

# %%
z = torch.randn(1000, 2, generator=seeded(5))

figure, grid = plt.subplots(1, 4, figsize=(11, 2.8), sharey=True)
for axes, steps in zip(grid, (3, 10, 50, 1000), strict=True):
    x = sample(denoiser, schedule, z, times=uniform_times(steps))
    exact = sample(SQUARE.denoiser, schedule, z, times=uniform_times(steps))
    draw_plane(axes, x, f"{steps} steps")
    inside, of_exact = (100 * SQUARE.fraction_inside(each) for each in (x, exact))
    axes.set_xlabel(f"inside: {inside:.1f}%\nby the exact denoiser: {of_exact:.1f}%")

# %% [markdown]
# Fewer evaluations of the denoiser do, with a better solver. The distance is to where the ODE really
# leads, which a thousand steps of fourth order give.

# %%
right = sample(denoiser, schedule, z, times=uniform_times(1000), solver="rk4")

figure, axes = plt.subplots(figsize=(5, 3.2))
for solver, per_step in (("euler", 1), ("ddim", 1), ("dpmpp_2m", 1), ("heun", 2), ("rk4", 4)):
    evaluations = [8, 16, 32, 64, 128]
    ends = [
        sample(denoiser, schedule, z, times=uniform_times(n // per_step), solver=solver)
        for n in evaluations
    ]
    distances = [float((x - right).norm(dim=1).mean()) for x in ends]
    axes.loglog(evaluations, distances, "o-", label=solver)
axes.set(xlabel="evaluations", ylabel="mean distance")
_ = axes.legend()

# %% [markdown]
# The ODE adds no noise: the same start leads to the same end. A reverse SDE ($\eta > 0$) leads to other
# ends in each run, and to the same distribution.

# %%
one = torch.randn(1, 2, generator=seeded(6)).expand(8, 2)
figure, grid = plt.subplots(1, 2, figsize=(6, 3), sharey=True)
for axes, eta in zip(grid, (0.0, 1.0), strict=True):
    states = flow(denoiser, schedule, one, times=uniform_times(200), eta=eta, generator=seeded(7))
    paths = torch.stack(list(states))
    draw_plane(axes, paths[-1], f"eta = {eta:.0f}", 2.5, color="tab:red", zorder=3)
    axes.plot(paths[..., 0], paths[..., 1], linewidth=0.5)

# %% [markdown]
# ## Classes
#
# A conditional denoiser gets the class of the point, too. Here the classes are the square's left and
# right halves. Hiding one label in ten lets the same network learn both the conditional and the
# unconditional denoiser, which classifier-free guidance needs.

# %%
halves = ClassTruth([UniformBox((-1.0, -1.0), (0.0, 1.0)), UniformBox((0.0, -1.0), (1.0, 1.0))])
labels = (points[:, 0] > 0).long()
generator = seeded(8)
conditional = EdgeNetwork(
    schedule, data_std=0.577, classes=2, embedding=8, smooth=True, generator=generator
)
*_, state = train(
    conditional, points, schedule, **recipe, labels=labels, label_dropout=0.1, generator=generator
)
conditional = state.denoiser.requires_grad_(False)

asked = torch.arange(2).repeat_interleave(500)
figure, grid = plt.subplots(1, 2, figsize=(6, 3), sharey=True)
for axes, name, each in zip(
    grid, ("network", "exact"), (conditional, halves.denoiser), strict=True
):
    x = sample(each, schedule, z, times=uniform_times(200), label=asked)
    in_half = ((x[:, 0] > 0) == asked.bool()).float().mean()
    draw_plane(axes, x, f"{name}: {in_half:.1%} in their half", c=asked, cmap="coolwarm")

# %% [markdown]
# ## How probable is a point?
#
# The ELBO bounds $\log p(x)$ from below, by noising the point and asking the denoiser. The flow gives
# $\log p(x)$ itself, by integrating the divergence along the ODE. And the square's density, with the
# noise that is left at $t = 0$, is known.

# %%
asked_points = torch.tensor([[0.0, 0.0], [0.7, -0.4], [0.98, 0.5], [1.03, -0.2], [1.5, 1.5]])
bound = elbo(asked_points, denoiser, schedule, generator=seeded(9), draws=1024).total
by_flow = flow_log_density(asked_points, denoiser, schedule, steps=50)
exactly = SQUARE.log_density(asked_points, schedule.sigma_min)
print("point              ELBO    flow   truth   (nats)")
for point, *found in zip(asked_points.tolist(), bound, by_flow, exactly, strict=True):
    print(f"{[round(c, 2) for c in point]!s:15}" + "".join(f"{value:8.2f}" for value in found))

# %% [markdown]
# Inside the square the ELBO is near $-\log 4 = -1.39$. Far outside nothing is certain but that it is
# far below.
#
# ## Where it should never go
#
# Can the sampler be made to output (4, 5.5)? With the reverse SDE every trajectory is the trajectory of
# *some* noise. So there is one currency: how improbable the least noise is that leads there.

# %%
target = torch.tensor([[4.0, 5.5]], dtype=torch.float64)
double = EdgeNetwork(schedule, data_std=network.data_std, generator=seeded(0)).double()
double.load_state_dict(denoiser.state_dict())
process = Process(double.requires_grad_(False), schedule.sigma(uniform_times(200)))
*_, noise = minimum_norm(process, hold(process, target), target, iterations=16)
path = process.run(noise)
improbable = log10_improbability(float(noise.norm()), noise.numel())
ends = ", ".join(f"{c:.3f}" for c in path[-1].tolist())
print(f"it ends at ({ends}); noise that long comes once in 10^{-improbable:.0f} draws")

figure, axes = plt.subplots(figsize=(3, 3))
draw_plane(axes, path, reach=float(path.abs().max()) + 1)
_ = axes.plot(*target[0], "r+")

# %% [markdown]
# ## Now play
#
# `docs/explorer.html` in the repository runs these models in your browser: drag the noise and watch
# where it ends, change solver, steps and $\eta$, and see the truth beside the network. The report
# (`docs/report.pdf`) has all the questions in this order, and every number with its interval.
