"""example_gpt.py as users run it: in a bare clone, and with bad values."""

import re
from collections.abc import Callable

import pytest

from tests.conftest import ROOT, Checkout

pytestmark = pytest.mark.pipeline


def example(checkout: Checkout, *arguments: str) -> tuple[list[str], str, float]:
    """The lines before the text, the text, and its log-probability."""
    return parts(checkout.run("python", "example_gpt.py", *arguments).stdout)


def parts(output: str) -> tuple[list[str], str, float]:
    head, rest = output.split("\n\n", maxsplit=1)
    text, last = rest.rstrip("\n").rsplit("\n\n", maxsplit=1)
    found = re.fullmatch(r"log-probability of what follows the prompt: (-[\d.]+) nats, .*", last)
    assert found
    return head.splitlines(), text, float(found[1])


def test_in_a_bare_clone(clone: Checkout) -> None:
    assert not (clone.path / "models").exists()
    (loaded, quality, generated), text, log_prob = example(clone)
    assert loaded.startswith("loaded    models/gpt.safetensors, ")
    assert float(quality.split()[1]) < 5.17
    assert generated.startswith("generated ")
    assert text.startswith("Alice was beginning to")
    assert len(text.split()) in (63, 64)  # 4 and 60; the first may continue the prompt's last
    assert -1000 < log_prob < -100
    assert clone.run("git", "status", "--porcelain").stdout == ""


def test_options_do_what_they_say(clone: Checkout) -> None:
    queen = ("--prompt", "The Queen", "--words", "12")
    coldest = ("--temperature", "0")
    options = [
        (), ("--seed", "0"), ("--seed", "1"), ("--words", "5"), coldest, (*coldest, "--seed", "5")
    ]  # fmt: skip
    outputs = clone.run_each("example_gpt.py", *((*queen, *more) for more in options))
    first, again, *others, cold = (parts(output)[1] for output in outputs)
    assert first.startswith("The Queen")
    assert len(first.split()) in (13, 14)
    assert again == first
    assert len({first, *others}) == 4
    assert cold == others[-1], "the likeliest tokens depend on no seed"


def test_train(small: Checkout) -> None:
    lines, text, _ = example(small, "--train", "--words", "5")
    assert lines[0].startswith("trained   10 steps, ")
    assert text.startswith("Alice was beginning to")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--words", "0"], "argument --words: '0': must be from 1 to 1000"),
        (["--seed", "-1"], "argument --seed: '-1': must be from 0 to 9223372036854775807"),
        (["--temperature", "hot"], "argument --temperature: 'hot': must be a number from 0 to 10"),
        (["--temperature", "nan"], "argument --temperature: 'nan': must be a number from 0 to 10"),
        (["--prompt", ""], "argument --prompt: must not be empty"),
        (["--colour"], "unrecognized arguments: --colour"),
    ],
)
def test_a_bad_value_is_one_line(
    arguments: list[str], message: str, refusal: Callable[..., str]
) -> None:
    said = refusal("example_gpt.py", *arguments)
    assert said.startswith(f"example_gpt.py: {message}")
    assert said.count("\n") == 1


def test_help() -> None:
    text = Checkout(ROOT).run("python", "example_gpt.py", "--help").stdout
    for option in ("--train", "--prompt", "--words", "--temperature", "--seed"):
        assert option in text


def test_without_weights_it_says_what_to_do(clone: Checkout) -> None:
    for name in clone.run("git", "ls-files", ".dvc/cache").stdout.split():
        (clone.path / name).unlink()
    done = clone.run("python", "example_gpt.py", check=False)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "--train makes a new one" in done.stderr
