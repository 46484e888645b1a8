"""The sampler of the nine samplings, unless `sample.solver` names another file."""

from torch import Tensor

from lab.sampling.timed import Timed
from lookingglass.diffusion.samplers import sample, uniform_times


def algorithm_1(denoiser: Timed, z: Tensor, steps: int) -> Tensor:
    """Algorithm 1 of the exercise: from the noise z, (n, 2), to points, with dt = -1 / steps."""
    network = denoiser.network
    return sample(network, network.schedule, z, times=uniform_times(steps), solver="euler")
