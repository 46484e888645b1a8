"""The exact truth of a conditional model whose classes are boxes."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float, Float64, Int64
from torch import Tensor

from lookingglass.diffusion.denoiser import Sigma
from lookingglass.diffusion.truth import UniformBox


@dataclass(frozen=True)
class ClassTruth:
    """Points uniform in the union of boxes that do not overlap; box i is class i.

    Given the class, a point is uniform in its box. Without it (label None, or the number of boxes
    as label, as in a network trained with label dropout) a box has probability proportional to its
    area.
    """

    boxes: Sequence[UniformBox]

    def log_density(
        self, x: Float[Tensor, "n 2"], sigma: Sigma, label: Int64[Tensor, " n"] | None = None
    ) -> Float64[Tensor, " n"]:
        """log p(x | class; sigma) in nats, of a point plus noise of standard deviation sigma."""
        each = self._log_densities(x, sigma)
        hidden = (each + self._log_weights(x)[:, None]).logsumexp(dim=0)
        return self._pick([*each, hidden], label)

    def denoiser(
        self, x: Float[Tensor, "n 2"], sigma: Sigma, label: Int64[Tensor, " n"] | None = None
    ) -> Float[Tensor, "n 2"]:
        """eps*(x, class; sigma), the exact Denoiser; in x's dtype."""
        each = torch.stack([box.denoiser(x, sigma) for box in self.boxes])  # (boxes, n, 2)
        # E[eps | x] is the mean of E[eps | x, class] under p(class | x)
        log_posterior = self._log_densities(x, sigma) + self._log_weights(x)[:, None]
        posterior = log_posterior.softmax(dim=0).to(x.dtype)
        return self._pick([*each, (posterior[:, :, None] * each).sum(dim=0)], label)

    def _log_densities(self, x: Tensor, sigma: Sigma) -> Tensor:
        return torch.stack([box.log_density(x, sigma) for box in self.boxes])

    def _log_weights(self, x: Tensor) -> Tensor:
        sides = [torch.tensor(box.high) - torch.tensor(box.low) for box in self.boxes]
        areas = torch.stack([side.double().prod() for side in sides]).to(x.device)
        return (areas / areas.sum()).log()

    def _pick(self, by_label: list[Tensor], label: Tensor | None) -> Tensor:
        """For each point the row of its label; the last one for None."""
        if label is None:
            return by_label[-1]
        return torch.stack(by_label)[label, torch.arange(len(label), device=label.device)]
