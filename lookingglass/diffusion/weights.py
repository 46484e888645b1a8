"""A trained denoiser as one file: weights, network configuration, schedule and a checksum."""

from pathlib import Path

from lookingglass.diffusion.network import EdgeNetwork, PlainNetwork
from lookingglass.diffusion.schedule import ExponentialSchedule
from lookingglass.errors import InputError
from lookingglass.tensors import dump_tensors, load_tensors, name_of

KIND = "denoiser"

Network = EdgeNetwork | PlainNetwork
NETWORKS: dict[str, type[Network]] = {"EdgeNetwork": EdgeNetwork, "PlainNetwork": PlainNetwork}


def dump_denoiser(network: Network) -> bytes:
    """The bytes of a .safetensors file; the same network gives the same bytes.

    Raises TypeError for a schedule other than ExponentialSchedule.
    """
    if not isinstance(network.schedule, ExponentialSchedule):
        raise TypeError(f"{type(network.schedule).__name__} cannot be saved")
    config = {
        "type": type(network).__name__,
        "schedule": {"rate": network.schedule.rate},
        "network": network.config,
    }
    return dump_tensors(KIND, config, network.state_dict())


def load_denoiser(source: str | Path | bytes) -> Network:
    """The Denoiser in a file, or in its bytes; its schedule is at `.schedule`.

    Raises InputError, with one line, for what is not such a file or is damaged.
    """
    config, tensors = load_tensors(KIND, source)
    try:
        network_type = NETWORKS[config["type"]]
        network = network_type(ExponentialSchedule(**config["schedule"]), **config["network"])
        network.load_state_dict(tensors)
    except (ValueError, KeyError, TypeError, RuntimeError) as error:
        raise InputError(f"{name_of(source)}: not a {KIND}, or damaged") from error
    return network.requires_grad_(False).eval()
