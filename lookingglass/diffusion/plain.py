"""The exercise's recommended network (section 2.2): a few fully connected layers, no tricks."""

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn
from torch.nn.functional import leaky_relu

from lookingglass.diffusion.denoiser import Sigma
from lookingglass.diffusion.network import fully_connected
from lookingglass.diffusion.schedule import Schedule


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
