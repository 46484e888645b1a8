"""The classes' exact truth against single boxes and against the square that they make up."""

import torch

from lookingglass.diffusion.class_truth import ClassTruth
from lookingglass.diffusion.guidance import guide
from lookingglass.diffusion.truth import SQUARE, UniformBox

BOXES = [
    UniformBox((-1.0, -1.0), (0.5, 1.0)),
    UniformBox((0.5, -1.0), (1.0, 0.0)),
    UniformBox((0.5, 0.0), (1.0, 1.0)),
]
TRUTH = ClassTruth(BOXES)


def cloud(n: int = 300) -> torch.Tensor:
    generator = torch.Generator().manual_seed(0)
    return 1.5 * torch.randn(n, 2, generator=generator, dtype=torch.float64)


def test_each_label_is_its_box() -> None:
    x, sigma = cloud(), torch.linspace(0.01, 1, 300, dtype=torch.float64)
    label = torch.arange(300) % 3
    eps, log_p = TRUTH.denoiser(x, sigma, label), TRUTH.log_density(x, sigma, label)
    for i, box in enumerate(BOXES):
        mine = label == i
        torch.testing.assert_close(eps[mine], box.denoiser(x[mine], sigma[mine]))
        torch.testing.assert_close(log_p[mine], box.log_density(x[mine], sigma[mine]))


def test_with_the_class_hidden_it_is_the_square() -> None:
    """The boxes fill the square, each with the weight of its area."""
    for sigma in (0.01, 0.3, 1.0):
        x = cloud()
        hidden = torch.full((300,), 3)
        for label in (None, hidden):
            torch.testing.assert_close(
                TRUTH.denoiser(x, sigma, label), SQUARE.denoiser(x, sigma), rtol=1e-5, atol=1e-5
            )
            torch.testing.assert_close(
                TRUTH.log_density(x, sigma, label), SQUARE.log_density(x, sigma)
            )


def test_guidance_adds_the_score_of_the_class() -> None:
    """Strength w follows the gradient of log p(x | class) + w log p(class | x)."""
    x, sigma, strength = cloud(50).requires_grad_(), 0.5, 2.0
    label = torch.arange(50) % 3
    with_class, without = TRUTH.log_density(x, sigma, label), TRUTH.log_density(x, sigma)
    target = with_class + strength * (with_class - without)
    (score,) = torch.autograd.grad(target.sum(), x)
    guided = guide(TRUTH.denoiser, strength)(x.detach(), sigma, label)
    torch.testing.assert_close(guided, -sigma * score, rtol=1e-5, atol=1e-5)


def test_guidance_leaves_alone_what_has_no_class() -> None:
    x, label = cloud(9), torch.arange(9) % 3
    assert torch.equal(guide(TRUTH.denoiser, 2.0)(x, 0.3), TRUTH.denoiser(x, 0.3))
    assert torch.equal(guide(TRUTH.denoiser, 0.0)(x, 0.3, label), TRUTH.denoiser(x, 0.3, label))
    torch.testing.assert_close(
        guide(TRUTH.denoiser, -1.0)(x, 0.3, label), TRUTH.denoiser(x, 0.3), rtol=1e-9, atol=1e-9
    )
