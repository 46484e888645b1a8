"""Mistakes to plant in the reference solution, each in one step."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Mistake:
    """Text of the reference, what takes its place, and of what the check is to speak.

    The text is the first of its kind in the function.
    """

    step: str
    right: str
    wrong: str
    cause: str


DIFFUSION = (
    Mistake("sigma", "(t - 1)", "t", "1 were not subtracted from t"),
    Mistake("sigma", "(t - 1)", "(1 - t)", "t - 1 were 1 - t"),
    Mistake("sigma", "CONFIG.rate * (t", "5 * (t", "the exercise's, and not yours"),
    Mistake("sigma_dot", "CONFIG.rate * ", "", "the rate were left out"),
    Mistake("sigma_dot", "return CONFIG", "return -CONFIG", "its sign were wrong"),
    Mistake("jump", "sigma(t)[:, None]", "sigma(t)[:, None] ** 2", "scaled by sigma squared"),
    Mistake("jump", "sigma(t)[:, None] * ", "", "were not scaled"),
    Mistake("simulate", "math.sqrt(dt) *", "dt *", "scaled by dt, not by its square root"),
    Mistake("simulate", "2 * sigma(t)", "sigma(t)", "its factor 2"),
    Mistake(
        "simulate", "torch.sqrt(2 * sigma(t) * sigma_dot(t))", "2 * sigma(t) * sigma_dot(t)", "g^2"
    ),
    Mistake(
        "simulate",
        "g = torch.sqrt(2 * sigma(t) * sigma_dot(t))",
        "g = sigma(t) / math.sqrt(dt)",
        "the whole jump",
    ),
    Mistake(
        "simulate",
        "torch.randn(x_0.shape, generator=generator)",
        "torch.randn(len(x_0), 1, generator=generator)",
        "both coordinates had the same noise",
    ),
    Mistake(
        "simulate",
        "torch.randn(x_0.shape, generator=generator)",
        "torch.randn(2, generator=generator)",
        "they shared their noise",
    ),
    Mistake("jump", "sigma(t)[:, None]", "sigma(t[:1])", "the first one's time"),
    Mistake("loss", ".mean()", ".mean().detach()", "detached"),
    Mistake(  # the denoiser is asked twice, which is said
        "loss",
        "(denoiser(jump(x_0, t, eps), t) - eps)",
        "(denoiser(jump(x_0, t, eps), t) / 2 + denoiser(jump(x_0, t, eps), t) / 2 - eps)",
        "",
    ),
    Mistake("loss", "x_0.shape, generator=generator", "x_0.shape", "without the generator"),
    Mistake("loss", "jump(x_0, t, eps)", "x_0 + sigma(t)[:, None] ** 2 * eps", "sigma squared"),
    Mistake("loss", "t) - eps", "t) - x_0", "x_0 were to be predicted"),
    Mistake("loss", ".mean()", ".sum(dim=1).mean()", "summed over the dimensions"),
    Mistake(
        "loss",
        "torch.rand(len(x_0), generator=generator)",
        "torch.rand(1, generator=generator).expand(len(x_0))",
        "shared one",
    ),
    Mistake("train", "network, 600,", "network, 1,", ""),
    Mistake(
        "estimate_denoised", "sigma(t)[:, None]", "sigma(t)[:, None] ** 2", "sigma were squared"
    ),
    Mistake("estimate_denoised", "x_t -", "x_t +", "the noise were added"),
    Mistake("score", " / sigma(t)[:, None] ** 2", "", "not divided by sigma squared"),
    Mistake("score", " ** 2", "", "divided by sigma, and not by its square"),
    Mistake("score", "(x_0 - x_t)", "(x_t - x_0)", "its sign were wrong"),
    Mistake("algorithm_1", "dt = -1 / steps", "dt = 1 / steps", "dt were positive"),
    Mistake("algorithm_1", "z + reverse", "z + 2 * reverse", "twice the drift"),
    Mistake("algorithm_1", "range(steps)", "range(steps - 1)", ""),  # the number is said
    Mistake(
        "algorithm_1", "1 + i * dt, dt", "1 - i / (steps - 1), dt", "reached 0 a step too early"
    ),
    Mistake("algorithm_1", "1 + i * dt, dt", "1 + (i + 1) * dt, dt", "started at the time 1 + dt"),
    Mistake("faster_sampler", "evaluations // 2", "16", ""),  # the number is said
    Mistake("stochastic_sampler", "generator=generator", "", "without the generator"),
    Mistake(
        "stochastic_sampler",
        "    return z",
        "    return z * 0 + algorithm_1(denoiser, torch.randn(z.shape, generator=generator), 50)",
        "z were not used",
    ),
    Mistake(
        "faster_sampler",
        "steps = evaluations // 2",
        "return algorithm_1(denoiser, z, evaluations)",
        "it were Algorithm 1",
    ),
    Mistake(
        "faster_sampler",
        "steps = evaluations // 2",
        "steps = evaluations",
        "two evaluations a step",
    ),
    Mistake("stochastic_sampler", "drift + noise", "drift / 2", "next to no noise"),
    Mistake("stochastic_sampler", "-2 * rate", "-1 * rate", "without the drift that makes up"),
    Mistake(
        "stochastic_sampler",
        "torch.sqrt(2 * rate * abs(dt))",
        "torch.sqrt(2 * rate) * abs(dt)",
        "too little noise",
    ),
    Mistake(
        "train_conditional",
        "network(x_t, t, labels)",
        "network(x_t, t, labels * 0)",
        "next to no influence",
    ),
    Mistake(  # an embedding that starts at 0 and is not trained
        "train_conditional",
        "self.embedding(label))",
        "0 * self.embedding(label).detach())",
        "the label were ignored",
    ),
    Mistake(  # what the noised points tell of the class, in place of the class
        "train_conditional",
        "self.embedding(label))",
        "self.embedding((x_t[:, 0] > 0).long()))",
        "the label were ignored",
    ),
    Mistake(
        "train_conditional",
        "t, labels)",
        "t, (labels + 1) % len(CONFIG.regions))",
        "numbered in another way",
    ),
    Mistake("diffusion_loss", "steps / 2 * total", "total", "T / 2 were left out"),
    Mistake(
        "diffusion_loss",
        "sigma(t - 1 / steps) ** -2 - sigma(t) ** -2",
        "sigma(t) ** -2 - sigma(t - 1 / steps) ** -2",
        "reversed",
    ),
    Mistake("diffusion_loss", "steps / 2 * total", "steps // 2 * total", "T / 2 were rounded"),
    Mistake(
        "diffusion_loss",
        "sigma(t - 1 / steps) ** -2 - sigma(t) ** -2",
        "sigma(t) ** -2 - sigma(t + 1 / steps) ** -2",
        "SNR(t) - SNR(t + |dt|)",
    ),
    Mistake("diffusion_loss", "1 / steps + (1 - 1 / steps) * torch.rand", "torch.rand", ""),
    Mistake("diffusion_loss", ".sum(dim=1)", ".mean(dim=1)", "mean over dimensions"),
    Mistake("elbo", " - kl", "", "the prior were left out"),
    Mistake("elbo", " + reconstruction", "", "the reconstruction were left out"),
    Mistake("elbo", " - kl", " + kl", "KL divergence were added"),
    Mistake("flow_log_prob", " + divergence * dt", "", "divergence were left out"),
    Mistake("flow_log_prob", "+ divergence * dt", "- divergence * dt", "had the wrong sign"),
    Mistake(
        "flow_log_prob",
        "gradients[0][:, 0] + gradients[1][:, 1]",
        "(gradients[0] + gradients[1]).sum(1)",
        "",
    ),
    Mistake("steer", "    return z", "    return target", "target itself"),
)

GPT = (
    Mistake(
        "causal_attention",
        "    scores = scores.masked_fill(later, -math.inf)\n",
        "",
        "no causal mask",
    ),
    Mistake("causal_attention", "triu(1)", "triu(0)", "could not see itself"),
    Mistake("causal_attention", "triu(1)", "triu(2)", "saw the one after it"),
    Mistake("causal_attention", "dim=-1", "dim=-2", "wrong axis"),
    Mistake("causal_attention", " / math.sqrt(q.shape[-1])", "", "not divided by sqrt(d)"),
    Mistake(
        "Block",
        "out, _, _ = causal_attention(q, k, v)",
        "out = (q @ k.mT).softmax(-1) @ v",
        "no causal mask",
    ),
    Mistake(
        "causal_attention",
        "weights @ v",
        "(q @ k.mT / math.sqrt(q.shape[-1])).softmax(dim=-1).tril() @ v",
        "the mask came after the softmax",
    ),
    Mistake("Block", "x = x + self.proj(", "x = self.proj(", "residual branch"),
    Mistake("Block", "out, _, _ = causal_attention(q, k, v)", "out = v", "attention were left out"),
    Mistake(
        "next_token_loss",
        "logits[:, :-1].flatten(0, 1), ids[:, 1:]",
        "logits.flatten(0, 1), ids",
        "not shifted",
    ),
    Mistake(
        "next_token_loss",
        "logits[:, :-1].flatten(0, 1), ids[:, 1:].flatten()",
        "logits.flatten(0, 1), ids.roll(-1).flatten()",
        "the next text's first token",
    ),
    Mistake("next_token_loss", "cross_entropy(", "1 / math.log(2) * cross_entropy(", "in bits"),
    Mistake("next_token_probs", "logits / temp", "logits * temp", "multiplied by the temperature"),
    Mistake(
        "next_token_probs", "topk(top_k)", "topk(top_k, largest=False)", "least likely were kept"
    ),
    Mistake(
        "next_token_probs",
        "values.softmax(dim=0)",
        "(logits / temperature).softmax(dim=0)[index]",
        "not been normalised",
    ),
    Mistake("invert", "model(x)[0], ids", "model(x)[0, :-1], ids[1:]", "output token i + 1"),
    Mistake("word_scores", "place - 1", "place", "the word itself"),
    Mistake("word_scores", "mean(dim=(0, 1))", "sum(dim=0).mean(dim=0)", "sum over the heads"),
    Mistake("word_scores", "mean(dim=(0, 1))", "mean(dim=(0, 2))", ""),  # another shape
    Mistake("word_scores", "mean(dim=(0, 1))", "mean(dim=0).sum(dim=0)", "sum over the rows"),
    Mistake("word_scores", "for place in word", "for place in word[-1:]", "only the last"),
    Mistake(
        "word_scores",
        "scores[:, rows, : word.start].mean(dim=(0, 1))",
        "scores.nan_to_num(neginf=0)[:, : word.start, rows].mean(dim=(0, 2))",
        "columns were taken",
    ),
    Mistake(
        "sentence_log_prob",
        "log_p.gather(-1, ids[1:, None]).sum()",
        "log_p.float().exp().gather(-1, ids[1:, None]).prod().log()",
        "multiplied",
    ),
    Mistake("sentence_log_prob", ".sum()", ".sum() / math.log(2)", "in bits"),
    Mistake(
        "sentence_log_prob",
        ".gather(-1, ids[1:, None])",
        ".gather(-1, ids[:-1, None])",
        "not shifted",
    ),
)
