"""What the explorer needs of the diffusion models: weights, data and classes."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lookingglass.diffusion.schedule import ExponentialSchedule
from lookingglass.diffusion.weights import Network

MOST = 3000  # points: the exact denoiser of a user's own looks at each in every step


def pack_network(network: Network) -> dict[str, Any]:
    """A network's type, schedule, configuration and weights, by their names in torch.

    Raises TypeError for a schedule other than ExponentialSchedule.
    """
    if not isinstance(network.schedule, ExponentialSchedule):
        raise TypeError(f"{type(network.schedule).__name__}: not known to the page")
    weights = {name: tensor.float().numpy() for name, tensor in network.state_dict().items()}
    return {
        "type": type(network).__name__,
        "rate": network.schedule.rate,
        "config": network.config,
        "tensors": weights,
    }


def pack_diffusion(
    networks: Mapping[str, Network],
    points: NDArray[Any],
    labels: NDArray[Any],
    regions: NDArray[Any],
    *,
    square: bool,
) -> dict[str, Any]:
    """Networks by name, the training data, and the classes' regions, as a tree of arrays.

    Of more than MOST points of a user's own, an evenly spread part is packed.
    """
    every = 1 if square else -(-len(points) // MOST)
    return {
        "models": {name: pack_network(network) for name, network in networks.items()},
        "square": square,
        "count": len(points),
        "points": points[::every].astype(np.float32),
        "labels": labels[::every].astype(np.uint8),
        "regions": regions.tolist(),
    }
