"""The steps of the exercise, in its order, each with its check and what it is worth."""

from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType

from course.config import Config
from course.steps import conditioning, language, likelihood, process, sampling, transformer


@dataclass(frozen=True)
class Step:
    """One function of a student's, and how it is checked."""

    name: str
    """Of the function."""
    check: Callable[[ModuleType, Config], None]
    """Raises StepError unless the function does as it should."""
    points: int
    bonus: bool = False
    seconds: int = 60
    """How long it may take."""


DIFFUSION = (
    Step("sigma", process.check_sigma, 2),
    Step("sigma_dot", process.check_sigma_dot, 2),
    Step("jump", process.check_jump, 3),
    Step("simulate", process.check_simulate, 5),
    Step("loss", process.check_loss, 5),
    Step("train", process.check_train, 6, seconds=90),
    Step("estimate_denoised", sampling.check_estimate_denoised, 3),
    Step("score", sampling.check_score, 3),
    Step("algorithm_1", sampling.check_algorithm_1, 7),
    Step("faster_sampler", sampling.check_faster_sampler, 6),
    Step("stochastic_sampler", sampling.check_stochastic_sampler, 6),
    Step("train_conditional", conditioning.check_train_conditional, 7, seconds=90),
    Step("diffusion_loss", likelihood.check_diffusion_loss, 5),
    Step("elbo", likelihood.check_elbo, 5),
    Step("flow_log_prob", likelihood.check_flow_log_prob, 5, bonus=True),
    Step("steer", likelihood.check_steer, 10, bonus=True),
)

GPT = (
    Step("causal_attention", transformer.check_causal_attention, 5),
    Step("Block", transformer.check_block, 5),
    Step("next_token_loss", transformer.check_next_token_loss, 5),
    Step("next_token_probs", language.check_next_token_probs, 5),
    Step("invert", language.check_invert, 7, seconds=90),
    Step("word_scores", language.check_word_scores, 4),
    Step("sentence_log_prob", language.check_sentence_log_prob, 4),
)

FILES = {"diffusion.py": DIFFUSION, "gpt.py": GPT}
"""The files of a student's folder."""
