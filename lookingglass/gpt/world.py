"""The processes that train one model together, each on its share of every batch.

Each has the whole model and takes every step; what they exchange is gradients.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import torch
import torch.distributed as dist
from torch import Tensor

T = TypeVar("T")


@dataclass(frozen=True)
class World:
    """How many processes there are, and which of them this one is: torch's world size and rank."""

    size: int = 1
    rank: int = 0

    def share(self, batch: Tensor) -> Tensor:
        """The process's own part of a batch: every size-th row, from its rank on."""
        return batch[self.rank :: self.size]

    @torch.no_grad()
    def average(self, tensors: Sequence[Tensor]) -> None:
        """Replace each tensor by its mean over all processes.

        One all-reduce of all tensors, laid end to end. More than two processes add up in an order
        that depends on where in it a number lies, and DistributedDataParallel lays gradients out
        anew after its first step: a training that resumes would not give the bytes of one that was
        never interrupted. Raises ConnectionError if another process is gone.
        """
        if self.size == 1:
            return
        flat = torch.cat([tensor.flatten() for tensor in tensors])
        try:
            dist.all_reduce(flat)
        except RuntimeError as error:
            raise ConnectionError(str(error)) from error
        parts = flat.div_(self.size).split([tensor.numel() for tensor in tensors])
        for tensor, part in zip(tensors, parts, strict=True):
            tensor.copy_(part.view_as(tensor))

    def of_all(self, value: T) -> list[T]:
        """The value that each process has, by rank; anything that can be pickled."""
        values = [value] * self.size
        if self.size > 1:
            dist.all_gather_object(values, value)
        return values

    def of_first(self, value: T) -> T:
        """The value that the first process has."""
        values = [value]
        if self.size > 1:
            dist.broadcast_object_list(values)
        return values[0]


ALONE = World()
"""A training in one process, which needs no network."""
