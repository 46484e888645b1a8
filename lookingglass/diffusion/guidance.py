"""Classifier-free guidance (Ho and Salimans 2022, arXiv 2207.12598)."""

from jaxtyping import Float, Int64
from torch import Tensor

from lookingglass.diffusion.denoiser import Denoiser, Sigma


def guide(denoiser: Denoiser, strength: float) -> Denoiser:
    """The denoiser (1 + w) eps(x, class) - w eps(x), for w = strength (their equation 6).

    Strength 0 is the conditional denoiser itself, -1 the unconditional one. More strength moves
    points towards where the class is told apart best: the score is then that of
    p(x | class) p(class | x)^w at each noise level.

    `denoiser` has to give the unconditional eps for label None: a network trained with hidden
    labels does, and so does ClassTruth.
    """

    def guided(
        x: Float[Tensor, "n 2"], sigma: Sigma, label: Int64[Tensor, " n"] | None = None
    ) -> Float[Tensor, "n 2"]:
        with_class = denoiser(x, sigma, label)
        if label is None or strength == 0:
            return with_class
        return with_class + strength * (with_class - denoiser(x, sigma, None))

    return guided
