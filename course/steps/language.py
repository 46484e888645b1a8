"""The checks of what is done with a trained GPT: the one that is shipped."""

import math
from functools import cache
from pathlib import Path
from types import ModuleType

import torch
from torch import Tensor

from course.config import Config
from course.steps.process import generator
from course.wrong import StepError, agree, check_tensor
from lab.example import read_weights
from lookingglass.gpt.attention import attention
from lookingglass.gpt.generation import generate
from lookingglass.gpt.model import GPT
from lookingglass.gpt.weights import load_gpt
from lookingglass.gpt.words import words

ROOT = Path(__file__).parents[2]
PROMPT = "Alice thought to herself, and"


@cache
def gpt() -> GPT:
    """The shipped model."""
    return read_weights("models/gpt.safetensors", load_gpt, ROOT)


@cache
def text(student: int) -> Tensor:
    """What the model writes for a student: the prompt and 55 further tokens."""
    prompt = gpt().encode(PROMPT)
    draw = torch.Generator().manual_seed(student)
    new = generate(gpt(), prompt, temperature=0.6, top_k=40, generator=draw)
    return torch.tensor([*prompt.tolist(), *(next(new) for _ in range(55))])


def check_next_token_probs(student: ModuleType, config: Config) -> None:
    """The probabilities that a token is drawn with."""
    logits = torch.randn(50, generator=generator(config, 50)) * 3
    for temperature, top_k in ((0.7, 50), (1.0, 10), (0.6, 8)):

        def among(values: Tensor, kept: Tensor) -> Tensor:
            return torch.full_like(values, -math.inf).scatter(0, kept, values[kept]).softmax(dim=0)

        likeliest, least = logits.topk(top_k).indices, (-logits).topk(top_k).indices
        warm = logits / temperature
        agree(
            f"with temperature {temperature} and top_k {top_k}, the probability of token {{}}",
            student.next_token_probs(logits, temperature, top_k),
            among(warm, likeliest),
            {
                "the logits were multiplied by the temperature": among(
                    logits * temperature, likeliest
                ),
                "the temperature were ignored": among(logits, likeliest),
                "top_k were ignored": warm.softmax(dim=0),
                "the least likely were kept": among(warm, least),
                "one too many were kept": among(warm, logits.topk(min(top_k + 1, 50)).indices),
                "one too few were kept": among(warm, logits.topk(top_k - 1).indices),
                "the rest had been given logits of 0": warm.where(
                    torch.isin(torch.arange(50), likeliest), torch.zeros(())
                ).softmax(dim=0),
                "they had not been normalised after top_k": warm.softmax(dim=0).where(
                    torch.isin(torch.arange(50), likeliest), torch.zeros(())
                ),
            },
        )


def check_invert(student: ModuleType, config: Config) -> None:
    """What the model outputs for the vectors that were found."""
    model = gpt()
    for parameter in model.parameters():
        parameter.requires_grad_(False)
    embedding = model.token_embedding.weight
    before = embedding.clone()
    ids = model.row[model.encode(config.sentence)]
    found = student.invert(lambda x: model(embeddings=x), embedding, ids, generator(config, 51))
    x = check_tensor("what it gives", found, (len(ids), embedding.shape[1])).float()
    if not torch.equal(before, embedding):
        raise StepError("the model has changed: it has to stay frozen")
    with torch.no_grad():
        logits = model(embeddings=x[None])[0]
    said, loss = logits.argmax(dim=-1), float(torch.nn.functional.cross_entropy(logits, ids))
    right = int((said == ids).sum())
    if right < len(ids):
        shifted = int((said[:-1] == ids[1:]).sum())
        raise StepError(
            f"the model outputs {right} of the {len(ids)} tokens of {config.sentence!r}, "
            f"with a loss of {loss:.2f} per token",
            "as if position i were to output token i + 1" if shifted >= len(ids) - 2 else "",
        )


def check_word_scores(student: ModuleType, config: Config) -> None:
    """The scores of a word of three tokens, and of one of the text that the model wrote."""
    draw = generator(config, 52)
    drawn = torch.randn(4, 12, 12, generator=draw)
    drawn = drawn.masked_fill(torch.ones(12, 12).triu(1).bool(), -math.inf)
    check_scores(student, drawn, range(8, 11), "a word of three tokens")
    model, ids = gpt(), text(config.student)
    word = words(model.vocabulary, ids)[config.word - 1].tokens
    scores = attention(model, ids[: word.stop], -1).scores
    check_scores(student, scores, word, f"word {config.word}")


def check_scores(student: ModuleType, scores: Tensor, word: range, name: str) -> None:
    """The scores of one word."""
    before = torch.tensor(word) - 1

    def mean(rows: Tensor) -> Tensor:
        return scores[:, rows, : word.start].mean(dim=(0, 1))

    agree(
        f"the score of {name}, for token {{}},",
        student.word_scores(scores, word),
        mean(before),
        {
            "the rows were those of the word itself, not of the positions before": mean(before + 1),
            "it were the sum over the heads": mean(before) * len(scores),
            "it were the sum over the rows": mean(before) * len(word),
            "only the first head were taken": scores[0, before, : word.start].mean(dim=0),
            "columns were taken for rows": scores.nan_to_num(neginf=0)[
                :, : word.start, before
            ].mean(dim=(0, 2)),
            "the mean were over the weights, and not over the scores": (
                scores.softmax(dim=-1)[:, before, : word.start].mean(dim=(0, 1))
            ),
            "only the last of the word's tokens were taken": mean(before[-1:]),
            "only the first of the word's tokens were taken": mean(before[:1]),
        },
    )


def check_sentence_log_prob(student: ModuleType, config: Config) -> None:
    """The log-probability of the text that the model wrote for this student."""
    model, ids = gpt(), text(config.student)
    with torch.no_grad():
        logits = model(ids[None])[0]
    rows = model.row[ids]
    log_p = logits.double().log_softmax(dim=-1)
    each = log_p[:-1].gather(-1, rows[1:, None])
    right = each.sum()
    found = student.sentence_log_prob(logits, rows)
    if isinstance(found, float | int) and math.isinf(found):
        raise StepError(
            f"the log-probability is {found}: has to be {right:.4f}",
            "as if the probabilities were multiplied, a product that underflows to 0",
        )
    agree(
        "the log-probability",
        torch.as_tensor(found),
        right,
        {
            "the targets were not shifted": log_p.gather(-1, rows[:, None]).sum(),
            "the targets were not shifted, and the last left out": (
                log_p[:-1].gather(-1, rows[:-1, None]).sum()
            ),
            "it were in bits, and not in nats": right / math.log(2),
            "it were the mean over the tokens": each.mean(),
            "its sign were wrong": -right,
            "the logits were added, without a softmax": logits[:-1]
            .gather(-1, rows[1:, None])
            .sum(),
            "the probabilities were added, and not their logarithms": each.exp().sum(),
            "it were to the base of 10": right / math.log(10),
            "the softmax were over time": (
                logits.double().log_softmax(dim=0)[:-1].gather(-1, rows[1:, None]).sum()
            ),
        },
        tolerance=1e-4,
    )
