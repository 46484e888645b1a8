"""smalldiffusion, used as its README uses it for points, at the noise levels of our schedule."""

import importlib
import sys
from collections import deque
from collections.abc import Iterator
from importlib.machinery import ModuleSpec
from unittest.mock import MagicMock

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset

from lookingglass.diffusion.denoiser import Denoiser, Sigma
from lookingglass.diffusion.schedule import Schedule
from lookingglass.errors import InputError

# units in its hidden layers; this and LEVELS as in its README
HIDDEN = (16, 128, 128, 128, 128, 16)
LEVELS = 200  # of noise, equally far apart in log sigma


class Peer:
    """An untrained model of smalldiffusion, its schedule, training and sampling.

    Raises InputError where smalldiffusion is not installed.
    """

    def __init__(self, schedule: Schedule) -> None:
        try:
            accelerate = importlib.import_module("accelerate")
            try:
                importlib.import_module("torchvision")
            except RuntimeError:  # a torchvision for CUDA beside a torch without
                # only pictures need it, but smalldiffusion imports it whatever it is used for
                sys.modules["torchvision"] = MagicMock(__spec__=ModuleSpec("torchvision", None))
            self.library = importlib.import_module("smalldiffusion")
        except ImportError as error:
            raise InputError(
                f"{error.name}: not installed; "
                "python -m pip install -c constraints.txt -e '.[benchmark]' brings it"
            ) from error
        self.schedule = self.library.ScheduleLogLinear(
            N=LEVELS, sigma_min=schedule.sigma_min, sigma_max=schedule.sigma_max
        )
        self.accelerator = accelerate.Accelerator(cpu=True)
        torch.manual_seed(0)  # it draws from the global generator
        self.model: nn.Module = self.library.TimeInputMLP(hidden_dims=HIDDEN)

    def train(self, points: Tensor, epochs: int) -> Iterator[object]:
        """Train on all points at once; yields before each step: one more turn makes the last."""
        dataset: Dataset[Tensor] = points  # type: ignore[assignment]  # it has all that is needed
        loader = DataLoader(dataset, batch_size=len(points))
        training: Iterator[object] = self.library.training_loop(
            loader, self.model, self.schedule, epochs=epochs, accelerator=self.accelerator
        )
        return training

    def denoiser(self, x: Tensor, sigma: Sigma, label: Tensor | None = None) -> Tensor:
        """The model as our Denoiser: it, too, predicts eps from x_0 + sigma eps."""
        eps: Tensor = self.model(x, torch.as_tensor(sigma, dtype=x.dtype))
        return eps

    def sample(self, model: nn.Module, z: Tensor, evaluations: int) -> Tensor:
        """Where z, the noise at the highest level, ends; gam = 2 is its accelerated sampler."""
        sigmas = self.schedule.sample_sigmas(evaluations)
        states = self.library.samples(model, sigmas, gam=2, xt=z, accelerator=self.accelerator)
        x: Tensor = deque(states, maxlen=1).pop()
        return x


class PeerModel(nn.Module):
    """A Denoiser of ours, as smalldiffusion's sampler calls a model."""

    def __init__(self, denoiser: Denoiser) -> None:
        super().__init__()
        self.denoiser = denoiser

    def rand_input(self, batchsize: int) -> Tensor:
        """Noise for `batchsize` points."""
        return torch.randn(batchsize, 2)

    def predict_eps_cfg(self, x: Tensor, sigma: Tensor, cond: None, cfg_scale: float) -> Tensor:
        """The noise eps in x; there are no classes."""
        return self.denoiser(x, sigma)
