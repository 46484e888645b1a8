"""Two denoisers with a few fully connected layers: the exercise's recommended one, and ours."""

import math
from itertools import pairwise
from typing import cast

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn
from torch.nn.functional import leaky_relu, silu

from lookingglass.diffusion.denoiser import Sigma
from lookingglass.diffusion.schedule import Schedule
from lookingglass.diffusion.symmetry import symmetrised

CLAMP = 30.0


class PlainNetwork(nn.Module):
    """A Denoiser that maps (x, y, t) to eps, with leaky ReLUs between its layers.

    t = schedule.time_of(sigma). Of `layers` fully connected layers, at least 2, the last gives eps.
    Parameters are initialised as torch.nn.Linear's, drawn from `generator`; without one they are
    left unset, to be loaded.
    """

    def __init__(
        self,
        schedule: Schedule,
        *,
        width: int = 128,
        layers: int = 3,
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__()
        self.schedule = schedule
        self.width = width
        self.layers = fully_connected([3] + [width] * (layers - 1) + [2], generator)

    @property
    def config(self) -> dict[str, int | float]:
        """The arguments of __init__, except the schedule, that make the same network again."""
        return {"width": self.width, "layers": len(self.layers)}

    def forward(
        self, x: Float[Tensor, "n 2"], sigma: Sigma, label: Int64[Tensor, " n"] | None = None
    ) -> Float[Tensor, "n 2"]:
        """The noise eps in x, in the parameters' dtype; see Denoiser."""
        x = x.to(next(self.parameters()).dtype)
        sigma = torch.as_tensor(sigma, dtype=x.dtype, device=x.device).reshape(-1, 1)
        t = self.schedule.time_of(sigma).expand(len(x), 1)
        hidden = torch.cat([x, t], dim=1)
        *layers, last = self.layers
        for layer in layers:
            hidden = leaky_relu(layer(hidden))
        eps: Tensor = last(hidden)
        return eps


class EdgeNetwork(nn.Module):
    """A Denoiser for points of root-mean-square size data_std per coordinate.

    Two ideas make it better than a plain network of its size:

    - Preconditioning (Karras et al. 2022, table 1, written for eps). The best *linear* denoiser is
      known, so the network F adds only what it misses, at a scale that is right at every sigma:
      eps = sigma x / v - F data_std / sqrt(v), with v = sigma^2 + data_std^2.
    - Edges at every noise level. The true eps changes around the data's edges within a distance of
      sigma. The first layer's Wx + b is divided by sigma^a, where each unit learns its own a
      (initially spread over 0 to 1), so one unit draws the same edge sharper as the noise falls.

    Time is t = schedule.time_of(sigma), the exercise's conditioning. Of `layers` fully connected
    layers, at least 2, the last gives eps. Parameters are initialised as torch.nn.Linear's, drawn
    from `generator`; without one they are left unset, to be loaded.

    With `classes` = k > 0 it is conditional (section 2.2.2). A label in 0 ... k - 1 selects a
    vector of size `embedding`, and the first fully connected layer mixes it with the point: Wx + b
    becomes Wx + Vc + b, so a class moves the edges. Label k, or None, stands for "any class".
    Without classes the label is ignored.

    `smooth` replaces leaky ReLU by SiLU: kinks make the divergence of eps jump, and with it the
    flow's log density.

    A `symmetric` network in evaluation mode gives the mean of g^-1 eps(g x) over the eight
    symmetries g of the square, at eight times the cost; in training mode it is the plain network.
    That is right only for data that has them. Raises ValueError with classes, which would have to
    be moved as well.
    """

    def __init__(
        self,
        schedule: Schedule,
        *,
        data_std: float,
        width: int = 64,
        layers: int = 3,
        classes: int = 0,
        embedding: int = 8,
        smooth: bool = False,
        symmetric: bool = False,
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__()
        if symmetric and classes:
            raise ValueError("symmetric: must be False for a network with classes")
        self.schedule = schedule
        self.data_std = data_std
        self.width = width
        self.classes = classes
        self.smooth = smooth
        self.symmetric = symmetric
        sizes = [2 + embedding * (classes > 0)] + [width] * (layers - 1) + [2]
        if classes:
            table = torch.empty(classes + 1, embedding)
            self.embedding = nn.Embedding.from_pretrained(table, freeze=False)
            if generator is not None:
                nn.init.normal_(self.embedding.weight, generator=generator)
        self.layers = fully_connected(sizes, generator)
        self.sharpness = nn.Parameter(torch.linspace(0, 1, width))  # a
        self.drift = nn.Parameter(torch.zeros(width))  # how t moves each edge

    @property
    def config(self) -> dict[str, int | float]:
        """The arguments of __init__, except the schedule, that make the same network again."""
        return {
            "data_std": self.data_std,
            "width": self.width,
            "layers": len(self.layers),
            "classes": self.classes,
            "embedding": self.embedding.embedding_dim if self.classes else 1,
            "smooth": self.smooth,
            "symmetric": self.symmetric,
        }

    def forward(
        self, x: Float[Tensor, "n 2"], sigma: Sigma, label: Int64[Tensor, " n"] | None = None
    ) -> Float[Tensor, "n 2"]:
        """The noise eps in x, in the parameters' dtype; see Denoiser."""
        x = x.to(next(self.parameters()).dtype)
        sigma = torch.as_tensor(sigma, dtype=x.dtype, device=x.device).reshape(-1, 1)  # (n or 1, 1)
        if self.symmetric and not self.training:
            return symmetrised(lambda image: self._plain(image, sigma, label), x)
        return self._plain(x, sigma, label)

    def _plain(self, x: Tensor, sigma: Tensor, label: Tensor | None) -> Tensor:
        """eps without the symmetries; sigma is (n, 1) or (1, 1)."""
        variance = sigma**2 + self.data_std**2
        first, *middle, last = self.layers
        # sigma^-a, written so that its gradient is cheap
        zoom = torch.exp(-self.sharpness * torch.log(sigma))
        edges = first(self._with_class(x, label)) * zoom + self.schedule.time_of(sigma) * self.drift
        activation = silu if self.smooth else leaky_relu
        hidden = activation(edges.clamp(-CLAMP, CLAMP))  # (n, width)
        for layer in middle:
            hidden = activation(layer(hidden))
        eps: Tensor = sigma / variance * x - self.data_std * variance.rsqrt() * last(hidden)
        return eps

    def _with_class(self, x: Tensor, label: Tensor | None) -> Tensor:
        """The first layer's input: the point, concatenated with the class's embedding."""
        if not self.classes:
            return x
        if label is None:
            label = torch.full((len(x),), self.classes, device=x.device)
        return torch.cat([x, self.embedding(label)], dim=1)


def fully_connected(sizes: list[int], generator: torch.Generator | None) -> nn.ModuleList:
    """Linear layers between consecutive sizes, drawn from `generator` or left unset."""
    # on "meta", because torch.nn.Linear would draw its values from the global generator
    layers = nn.ModuleList(
        nn.Linear(size_in, size_out, device="meta").to_empty(device="cpu")
        for size_in, size_out in pairwise(sizes)
    )
    if generator is not None:
        for layer in layers:
            bound = 1 / math.sqrt(cast(nn.Linear, layer).in_features)
            for parameter in layer.parameters():
                nn.init.uniform_(parameter, -bound, bound, generator=generator)
    return layers
