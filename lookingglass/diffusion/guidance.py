"""Classifier-free guidance (Ho and Salimans 2022, arXiv 2207.12598)."""

from jaxtyping import Float, Int64
from torch import Tensor

from lookingglass.diffusion.denoiser import Denoiser, Sigma


def guide(denoiser: Denoiser, strength: float) -> Denoiser:
    """The denoiser (1 + w) eps(x, class) - w eps(x), for w = strength (their equation 6).

    Strength 0 is the conditional denoiser itself, -1 the unconditional one. The guided score is
    that of p(x | class) p(class | x)^w at each noise level, so more strength moves points to where
    the class is easiest to recognise.

    `denoiser` has to give the unconditional eps for label None, as ClassTruth and a network trained
    with label dropout do.
    """

    def guided(
        x: Float[Tensor, "n 2"], sigma: Sigma, label: Int64[Tensor, " n"] | None = None
    ) -> Float[Tensor, "n 2"]:
        with_class = denoiser(x, sigma, label)
        if label is None or strength == 0:
            return with_class
        return with_class + strength * (with_class - denoiser(x, sigma, None))

    return guided
